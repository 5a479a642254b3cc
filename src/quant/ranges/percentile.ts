import type { GroupStats } from '../GroupStats';
import type { RangeSource } from './RangeSource';
import { minMax, mirrored, type Ranges } from './Ranges';

/** Bins for the quantiles of a whole tensor: to a hundred-thousandth of its range. */
const TENSOR_BINS = 65_536;

/**
 * Ranges that hold `percent` per cent of each group's weights: of their magnitudes for a symmetric range, else as many cut off at
 * each end. At least one weight is inside.
 */
export function percentile(
  source: RangeSource,
  stats: GroupStats,
  symmetric: boolean,
  percent: number,
): Ranges {
  return stats.groups.perRow === 0
    ? ofTensor(source, stats, symmetric, percent / 100)
    : ofGroups(source, stats, symmetric, percent / 100);
}

function ofGroups(source: RangeSource, { groups }: GroupStats, symmetric: boolean, share: number): Ranges {
  const lower = new Float64Array(groups.count);
  const upper = new Float64Array(groups.count);
  source.eachGroup(groups, (group, weights) => {
    const sorted = (symmetric ? weights.map(Math.abs) : weights.slice()).sort();
    const last = sorted.length - 1;
    if (symmetric) {
      upper[group] = sorted[Math.round(last * share)]!;
    } else {
      const cut = (1 - share) / 2;
      lower[group] = Math.min(0, sorted[Math.round(last * cut)]!);
      upper[group] = Math.max(0, sorted[Math.round(last * (1 - cut))]!);
    }
  });
  return symmetric ? mirrored(upper) : { lower, upper };
}

function ofTensor(source: RangeSource, stats: GroupStats, symmetric: boolean, share: number): Ranges {
  const full = minMax(stats, symmetric);
  const [lo, hi] = [full.lower[0]!, full.upper[0]!];
  if (!(hi > lo)) return full;
  const counts = source.histogram(lo, hi, TENSOR_BINS);
  const width = (hi - lo) / TENSOR_BINS;
  if (symmetric) return mirrored(Float64Array.of(quantile(foldedAtZero(counts), share) * width));
  const cut = (1 - share) / 2;
  return {
    lower: Float64Array.of(Math.min(0, lo + quantile(counts, cut) * width)),
    upper: Float64Array.of(Math.max(0, lo + quantile(counts, 1 - cut) * width)),
  };
}

/** Counts of magnitudes, from those of a range that is symmetric around zero. */
function foldedAtZero(counts: Uint32Array): Uint32Array {
  const half = counts.length / 2;
  return Uint32Array.from({ length: half }, (_, i) => counts[half + i]! + counts[half - 1 - i]!);
}

/** Bins, and a fraction of one, below which the share of all counts lies. */
function quantile(counts: Uint32Array, share: number): number {
  const wanted = share * counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin]!;
    if (count > 0 && below + count >= wanted) return bin + (wanted - below) / count;
    below += count;
  }
  return counts.length;
}
