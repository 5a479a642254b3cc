import type { BakeOffEntry } from '../../protocol/engineApi';
import type { RateTheory } from '../../core/measure/layerView';
import type { SchemeId } from '../../core/scheme/scheme';
import type { GroupStats } from '../../quant/GroupStats';
import { fitShape } from '../../quant/theory/GeneralizedGaussian';
import { rateTheory } from '../../quant/theory/rateTheory';
import { measureScheme } from './measureScheme';
import type { WeightPasses } from './WeightPasses';
import type { WeightKernel } from './WeightKernel';
import type { Pause } from '../../base/pauses';

/** Up to this rate theory is drawn, in steps of an eighth of a bit. */
const MAX_BITS = 9;
const BITS = Array.from({ length: MAX_BITS * 8 + 1 }, (_, i) => i / 8);

/**
 * Measures schemes on one layer.
 * @param found called with each result as it comes
 * @returns what theory allows for weights like these
 */
export async function bakeOff(
  weightKernel: WeightKernel,
  passes: WeightPasses,
  schemes: readonly SchemeId[],
  pause: Pause,
  found: (entry: BakeOffEntry) => void,
): Promise<RateTheory> {
  for (const scheme of schemes) {
    found({ scheme, error: await measureScheme(weightKernel, passes, scheme, pause) });
    await pause();
  }
  return theoryOf(passes.stats('channel'));
}

/** Weights have a mean near zero, so that their mean square is as good as their variance. */
function theoryOf({ sumAbs, sumSquares, groups }: GroupStats): RateTheory {
  const { cols } = groups;
  const variances = sumSquares.map((sum) => sum / cols || 0);
  // Of weights divided by their channel's deviation: E|x| / sqrt(E x^2), over the channels that are not all zero.
  let [ratio, channels] = [0, 0];
  for (let row = 0; row < groups.rows; row++) {
    if (!(variances[row]! > 0)) continue;
    ratio += sumAbs[row]! / cols / Math.sqrt(variances[row]!);
    channels++;
  }
  return rateTheory(fitShape(channels === 0 ? 1 : ratio / channels), variances, BITS);
}
