/**
 * Optimal scalar quantization of a histogram by dynamic programming (Bruce 1965; Wu 1991): the best k levels for the first bins follow
 * from the best k - 1 levels for fewer of them.
 *
 * The gain of an interval of bins from a level of its own is its count times its squared mean: minimising the squared error is maximising
 * the gains' sum, as the sum of squares is the same for any intervals.
 */

/** Bins, none of them empty, as sums of all before each: the gain of any interval follows from two of each. */
interface Prefix {
  readonly length: number;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
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
  const bins = prefix(counts, sums);
  const used = Math.min(levels, bins.length);
  const entries = new Float32Array(levels);
  if (used === 0) return entries;
  const { starts } = bestIntervals(bins, used);
  for (let level = used - 1, end = bins.length; level >= 0; level--) {
    const start = starts[level * (bins.length + 1) + end]!;
    entries[level] = (bins.sums[end]! - bins.sums[start]!) / (bins.counts[end]! - bins.counts[start]!);
    end = start;
  }
  return entries.fill(entries[used - 1]!, used);
}

/**
 * The power of a histogram that 1, 2, ... `levels` levels explain at best: sums over their intervals of count times squared mean.
 * @param counts and `sums` as of `scalarCodebook`, no fewer filled bins than levels
 */
export function intervalGains(
  counts: ArrayLike<number>,
  sums: ArrayLike<number>,
  levels: number,
): Float64Array {
  return bestIntervals(prefix(counts, sums), levels).gains;
}

/** Bins with less than this share of all count as empty: in sums of doubles, too little would be left of them. */
const MIN_SHARE = 1e-12;

/** Leaves out empty bins: an interval that ends in one is never better. */
function prefix(counts: ArrayLike<number>, sums: ArrayLike<number>): Prefix {
  let total = 0;
  for (let bin = 0; bin < counts.length; bin++) total += counts[bin]!;
  const least = MIN_SHARE * total;
  const totals = { counts: new Float64Array(counts.length + 1), sums: new Float64Array(counts.length + 1) };
  let length = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    if (!(counts[bin]! > least)) continue;
    totals.counts[length + 1] = totals.counts[length]! + counts[bin]!;
    totals.sums[length + 1] = totals.sums[length]! + sums[bin]!;
    length++;
  }
  return { length, ...totals };
}

/**
 * The best cuts of all bins into 1, 2, ... `most` intervals. The last interval's start never moves back when bins are added, nor when
 * there is one interval more (Knuth 1971; Yao 1980): between those two starts there are few candidates, except for two intervals, where
 * divide and conquer finds all starts in O(n log n).
 * @returns where the last interval starts, [intervals - 1][first bins]; and the gain with all bins for each number of intervals
 */
function bestIntervals(bins: Prefix, most: number): { starts: Int32Array; gains: Float64Array } {
  const { length, counts, sums } = bins;
  const width = length + 1;
  const starts = new Int32Array(most * width);
  const gains = new Float64Array(most);
  let before = new Float64Array(width);
  let best = new Float64Array(width);
  for (let end = 1; end <= length; end++) best[end] = (sums[end]! * sums[end]!) / counts[end]!;
  gains.fill(best[length]!);
  for (let level = 1; level < most; level++) {
    [before, best] = [best, before];
    const row = starts.subarray(level * width, (level + 1) * width);
    if (level === 1) halve(bins, before, best, row, 2, length, 1, length - 1);
    else sweep(bins, before, best, row, starts.subarray((level - 1) * width, level * width), level);
    gains[level] = best[length]!;
  }
  return { starts, gains };
}

/** Finds the starts for ends from `low` to `high`, which lie from `first` to `last`, from the middle on. */
function halve(
  bins: Prefix,
  before: Float64Array,
  best: Float64Array,
  starts: Int32Array,
  low: number,
  high: number,
  first: number,
  last: number,
): void {
  const end = (low + high) >> 1;
  const start = bestStart(bins, before, best, end, first, Math.min(last, end - 1));
  starts[end] = start;
  if (low < end) halve(bins, before, best, starts, low, end - 1, first, start);
  if (end < high) halve(bins, before, best, starts, end + 1, high, start, last);
}

/** Finds all starts from the last end on: each lies between that with one interval less and that with one bin more. */
function sweep(
  bins: Prefix,
  before: Float64Array,
  best: Float64Array,
  starts: Int32Array,
  fewer: Int32Array,
  level: number,
): void {
  let last = bins.length - 1;
  for (let end = bins.length; end > level; end--) {
    last = Math.min(last, end - 1);
    // Rounding may swap starts that are equally good.
    const first = Math.min(Math.max(level, fewer[end]!), last);
    last = bestStart(bins, before, best, end, first, last);
    starts[end] = last;
  }
}

/** The best start from `first` to `last` of an interval that ends at `end`; its gain goes to `best`. */
function bestStart(
  { counts, sums }: Prefix,
  before: Float64Array,
  best: Float64Array,
  end: number,
  first: number,
  last: number,
): number {
  const count = counts[end]!;
  const sum = sums[end]!;
  let highest = -Infinity;
  let start = first;
  for (let candidate = first; candidate <= last; candidate++) {
    const part = sum - sums[candidate]!;
    const gain = before[candidate]! + (part * part) / (count - counts[candidate]!);
    if (gain <= highest) continue;
    highest = gain;
    start = candidate;
  }
  best[end] = highest;
  return start;
}
