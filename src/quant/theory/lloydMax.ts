import { intervalGains } from '../codebook/scalarCodebook';
import type { GeneralizedGaussian } from './GeneralizedGaussian';

const BINS = 2048;
/** Points at which the density is evaluated in each bin. */
const POINTS = 8;

/**
 * SQNR in dB of the best quantizer with 1, 2, ... `levels` levels for a distribution (Lloyd 1982, Max 1960), found on a fine histogram of its density by
 * dynamic programming. Bins are narrower where the density is high; what is lost within them is counted.
 */
export function lloydMaxSqnr(distribution: GeneralizedGaussian, levels: number): Float64Array {
  const counts = new Float64Array(BINS);
  const sums = new Float64Array(BINS);
  let power = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const [from, to] = [edge(bin, distribution.reach), edge(bin + 1, distribution.reach)];
    for (let point = 0; point < POINTS; point++) {
      const x = from + ((point + 0.5) * (to - from)) / POINTS;
      const mass = (distribution.density(x) * (to - from)) / POINTS;
      counts[bin]! += mass;
      sums[bin]! += mass * x;
      power += mass * x * x;
    }
  }
  // The squared error around the levels is the power less what the intervals' means explain of it.
  return intervalGains(counts, sums, levels).map((gain) => 10 * Math.log10(power / (power - gain)));
}

/** Edges from -reach to reach, closest around zero. */
function edge(index: number, reach: number): number {
  const s = (2 * index) / BINS - 1;
  return reach * s * s * s;
}
