import type { RepairView } from '../../../core/measure/repairView';
import type { SchemeId } from '../../../core/scheme/scheme';
import type { Pause } from '../../../base/pauses';
import { UserError } from '../../../base/UserError';
import { levelDistances } from '../../../quant/rounding/levelDistances';
import type { LayerRounding } from './LayerRounding';

/**
 * A layer rounded by moments beside the nearest values, for the eye.
 * @throws UserError if the scheme has nothing but nearest values
 */
export async function repairView(
  layer: LayerRounding,
  scheme: SchemeId,
  pause: Pause,
): Promise<Omit<RepairView, 'samples'>> {
  const { quantizer, nearest, chosen } = await layer.bothWays(scheme, pause);
  if (typeof chosen === 'string')
    throw new UserError(`The layer is rounded to nearest under ${scheme}: ${chosen}.`);
  const [before, after] = [layer.figures(nearest.values), layer.figures(chosen.values)];
  const moved = nearest.values.reduce((sum, value, i) => sum + Number(value !== chosen.values[i]), 0);
  return {
    ...{ weights: nearest.values.length, moved },
    distances: levelDistances(quantizer, nearest.values, chosen.values) ?? [],
    weightSqnrDb: { nearest: before.weightSqnrDb, chosen: after.weightSqnrDb },
    outputSqnrDb: { nearest: nearest.error.sqnrDb, chosen: chosen.error.sqnrDb },
    channelSqnrDb: { nearest: before.channelSqnrDb, chosen: after.channelSqnrDb },
  };
}
