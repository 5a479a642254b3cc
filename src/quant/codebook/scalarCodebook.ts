/**
 * Optimal scalar quantization of a histogram by dynamic programming (Bruce 1965; Wu 1991): the best k levels for the first bins follow from the best
 * k - 1 levels for fewer of them. As the last interval's start never moves back when bins are added, divide and conquer finds all starts in O(n log n).
 */

/** Prefix sums from which the squared error of any interval around its mean follows. */
class Intervals {
  private readonly count: Float64Array;
  private readonly sum: Float64Array;

  constructor(
    counts: ArrayLike<number>,
    sums: ArrayLike<number>,
    readonly length: number,
  ) {
    this.count = new Float64Array(length + 1);
    this.sum = new Float64Array(length + 1);
    for (let i = 0; i < length; i++) {
      this.count[i + 1] = this.count[i]! + counts[i]!;
      this.sum[i + 1] = this.sum[i]! + sums[i]!;
    }
  }

  /**
   * What bins `from` to `to` (excluded) gain by a level of their own: count times squared mean. Minimising the squared
   * error is maximising the gains' sum, as the sum of squares is the same for any intervals.
   */
  gain(from: number, to: number): number {
    const count = this.count[to]! - this.count[from]!;
    const sum = this.sum[to]! - this.sum[from]!;
    return count === 0 ? 0 : (sum * sum) / count;
  }

  mean(from: number, to: number): number {
    return (this.sum[to]! - this.sum[from]!) / (this.count[to]! - this.count[from]!);
  }
}

/**
 * The `levels` levels of least squared error.
 * @param counts of the weights in each bin, bins ascending
 * @param sums of the weights in each bin
 * @returns ascending; with fewer filled bins than levels, the last level is repeated
 */
export function scalarCodebook(
  counts: ArrayLike<number>,
  sums: ArrayLike<number>,
  levels: number,
): Float32Array {
  const filled = Array.from({ length: counts.length }, (_, bin) => bin).filter((bin) => counts[bin]! > 0);
  const bins = new Intervals(
    filled.map((bin) => counts[bin]!),
    filled.map((bin) => sums[bin]!),
    filled.length,
  );
  const used = Math.min(levels, bins.length);
  const entries = new Float32Array(levels);
  if (used === 0) return entries;
  const { starts } = bestIntervals(bins, used);
  for (let level = used - 1, end = bins.length; level >= 0; level--) {
    const start = level === 0 ? 0 : starts[level]![end]!;
    entries[level] = bins.mean(start, end);
    end = start;
  }
  return entries.fill(entries[used - 1]!, used);
}

/**
 * What 1, 2, ... `levels` levels can explain at best of a histogram's power: sums over their intervals of count times squared mean.
 * @param counts and `sums` as of `scalarCodebook`, no bin empty
 */
export function intervalGains(
  counts: ArrayLike<number>,
  sums: ArrayLike<number>,
  levels: number,
): Float64Array {
  return bestIntervals(new Intervals(counts, sums, counts.length), levels).gains;
}

/**
 * The best cuts of all bins into 1, 2, ... `most` intervals.
 * @returns for each number of intervals less one, and each number of first bins, where the last interval starts; and the gain with all bins
 */
function bestIntervals(bins: Intervals, most: number): { starts: Int32Array[]; gains: Float64Array } {
  const { length } = bins;
  const starts = [new Int32Array(length + 1)];
  let before = Float64Array.from({ length: length + 1 }, (_, end) => bins.gain(0, end));
  const gains = new Float64Array(most).fill(before[length]!);
  for (let level = 1; level < most; level++) {
    const best = new Float64Array(length + 1).fill(-Infinity);
    const start = new Int32Array(length + 1);
    extend(bins, before, best, start, level + 1, length, level, length);
    starts.push(start);
    gains[level] = best[length]!;
    before = best;
  }
  return { starts, gains };
}

/** Fills `best` and `start` for ends from `low` to `high`, whose last intervals start from `first` to `last`. */
function extend(
  bins: Intervals,
  before: Float64Array,
  best: Float64Array,
  start: Int32Array,
  low: number,
  high: number,
  first: number,
  last: number,
): void {
  if (low > high) return;
  const end = (low + high) >> 1;
  for (let candidate = first; candidate <= Math.min(end - 1, last); candidate++) {
    const gain = before[candidate]! + bins.gain(candidate, end);
    if (gain <= best[end]!) continue;
    best[end] = gain;
    start[end] = candidate;
  }
  extend(bins, before, best, start, low, end - 1, first, start[end]!);
  extend(bins, before, best, start, end + 1, high, start[end]!, last);
}
