import type { ActivationView } from '../../core/measure/activationView';
import { levelBounds, levelsOf } from '../schemes/levels';
import type { AffineQuantizer } from '../Quantizer';
import { decibels } from '../../core/measure/Decibels';
import type { ActivationObserver } from './ActivationObserver';
import { activationNoise, rebinned } from './fitActivation';

/**
 * @param bins of the histogram from the least to the greatest value
 * @throws Error if the observer saw nothing
 */
export function activationView(
  observer: ActivationObserver,
  quantizer: AffineQuantizer,
  bins: number,
): ActivationView {
  if (observer.count === 0) throw new Error('Nothing was observed.');
  const lo = observer.least;
  const hi = observer.greatest > lo ? observer.greatest : lo + Math.max(1, Math.abs(lo));
  const [lowest, highest] = levelBounds(quantizer, 0);
  const half = quantizer.scales[0]! / 2;
  let [clipped, zeros] = [0, 0];
  observer.forEachBin((from, to, count) => {
    if (from === to) zeros += count;
    // No value of the outermost bins lies beyond the least and the greatest.
    const [first, last] = [Math.max(from, observer.least), Math.min(to, observer.greatest)];
    clipped += count * shareOutside(first, last, lowest - half, highest + half);
  });
  return {
    histogram: { lo, hi, counts: rebinned(observer, lo, hi, bins) },
    levels: levelsOf(quantizer, 0),
    sqnrDb: decibels(observer.sumSquares, activationNoise(observer, quantizer), 'equal'),
    clippedShare: clipped / observer.count,
    zeroShare: zeros / observer.count,
    notFinite: observer.notFinite,
  };
}

/** The share of a bin's values that lies below `lowest` or above `highest`, if they are spread evenly. */
function shareOutside(from: number, to: number, lowest: number, highest: number): number {
  if (from === to) return from < lowest || from > highest ? 1 : 0;
  return 1 - Math.max(0, Math.min(to, highest) - Math.max(from, lowest)) / (to - from);
}
