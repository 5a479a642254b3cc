import type { Pause } from '../../base/pauses';
import { betterRows, outputsOfRows, type RoundedAnew } from './betterRows';
import { fitScalesByOutput } from './fitScalesByOutput';
import { gridOf, type ScalarQuantizer } from './Grid';
import { nearestLevels } from './nearestNumber';
import { refitScales } from './refitScales';
import { roundByMoments, type RoundingTask } from './roundByMoments';
import { plainLoops, type RoundingLoops } from './RoundingLoops';

/**
 * Chooses scales and codes for the least error of a layer's output: rounds with the scales as they are and with those of `fitScalesByOutput`, takes the better for each channel (for the whole weight, where
 * it has one scale), and then the scales of least squares for these codes.
 * @returns `before` is the error of `nearest` with the scales as they were; `after`, summed over the outputs of a channel, is never more
 * @throws UserError as `roundByMoments`
 */
export async function roundWithScales<Q extends ScalarQuantizer>(
  task: RoundingTask & { readonly quantizer: Q },
  pause: Pause,
  loops: RoundingLoops = plainLoops,
): Promise<RoundedAnew<Q>> {
  const { weights, quantizer, factor, moments, taps, target = weights } = task;
  const plain = { quantizer, ...(await roundByMoments(task, pause, loops)) };
  const fitted = await fitScalesByOutput(target, quantizer, factor, taps, pause, loops);
  if (fitted === quantizer) return plain;
  const nearest = nearestLevels(gridOf(fitted), target);
  const other = await roundByMoments({ ...task, quantizer: fitted, nearest }, pause, loops);
  const outputs = outputsOfRows(quantizer.groups, moments, taps);
  const better = betterRows(plain, { quantizer: fitted, ...other }, outputs);
  return betterRows(better, refitScales(target, better, moments, taps, outputs), outputs);
}
