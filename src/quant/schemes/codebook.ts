/** Scalar codebooks: the levels of least squared error for the weights themselves. */
import type { CodebookSpec } from '../../core/scheme/SchemeSpec';
import { midpoints } from '../codebook/midpoints';
import { lloydStep } from '../codebook/lloydStep';
import { scalarCodebook } from '../codebook/scalarCodebook';
import type { Groups } from '../Groups';
import type { TableQuantizer } from '../Quantizer';
import type { WeightSource } from '../WeightSource';
import type { Pause } from '../../base/pauses';

/** The optimum on a histogram is refined on the weights until it gains no more than this, or so many times. */
const MAX_STEPS = 12;
const MIN_GAIN = 1e-4;
/** Bins of a whole tensor's histogram and at most of a channel's, whose weights are few. */
const TENSOR_BINS = 4096;
const CHANNEL_BINS = 64;

/** The optimum for a histogram of the weights by dynamic programming, then Lloyd's iterations on the weights (Lloyd 1982). */
export async function fitCodebook(
  { bits, granularity }: CodebookSpec,
  source: WeightSource,
  pause: Pause,
): Promise<TableQuantizer> {
  const count = 2 ** bits;
  const { groups, sumSquares } = source.stats(granularity);
  const power = sumSquares.reduce((sum, squares) => sum + squares, 0);
  const start = withEntries(bits, groups, count, startEntries(source, groups, count));
  let best = { quantizer: start, ...source.codeSums(start) };
  for (let step = 0; step < MAX_STEPS; step++) {
    await pause();
    const quantizer = withEntries(
      bits,
      groups,
      count,
      lloydStep(best.quantizer.entries, best.sums, best.counts),
    );
    const next = { quantizer, ...source.codeSums(quantizer) };
    const gain = explained(next) - explained(best);
    if (!(gain > 0)) break;
    const noise = power - explained(best);
    best = next;
    if (gain < MIN_GAIN * noise) break;
  }
  return best.quantizer;
}

/** How much of the weights' squares the levels explain: their squares less the squared error. */
function explained({
  quantizer,
  sums,
  counts,
}: {
  quantizer: TableQuantizer;
  sums: Float64Array;
  counts: Uint32Array;
}): number {
  return quantizer.entries.reduce(
    (total, entry, code) => total + entry * (2 * sums[code]! - entry * counts[code]!),
    0,
  );
}

function withEntries(bits: number, groups: Groups, count: number, entries: Float32Array): TableQuantizer {
  const thresholds = new Float32Array(entries.length);
  for (let at = 0; at < entries.length; at += count)
    thresholds.set(midpoints(entries.subarray(at, at + count)), at);
  const scales = new Float32Array(groups.count).fill(1);
  return { kind: 'table', groups, bits, entries, thresholds, count, scales, fitted: 'entries' };
}

function startEntries(source: WeightSource, groups: Groups, count: number): Float32Array {
  if (groups.perRow === 0) return tensorEntries(source, count);
  const entries = new Float32Array(groups.count * count);
  source.eachGroup(groups, (group, weights) => {
    const { counts, sums } = bin(weights, CHANNEL_BINS);
    entries.set(scalarCodebook(counts, sums, count), group * count);
  });
  return entries;
}

function tensorEntries(source: WeightSource, count: number): Float32Array {
  const { min, max } = source.stats('tensor');
  const [lo, hi] = [min[0]!, max[0]!];
  if (!(hi > lo)) return scalarCodebook(Float64Array.of(1), Float64Array.of(lo), count);
  const counts = Float64Array.from(source.histogram(lo, hi, TENSOR_BINS));
  const width = (hi - lo) / TENSOR_BINS;
  const sums = counts.map((number, index) => number * (lo + (index + 0.5) * width));
  return scalarCodebook(counts, sums, count);
}

/** Counts and sums of weights; few weights get a bin each. */
function bin(
  weights: Float32Array,
  most: number,
): { counts: Float64Array; sums: Float64Array | Float32Array } {
  if (weights.length <= most) {
    return { counts: new Float64Array(weights.length).fill(1), sums: weights.slice().sort() };
  }
  let [lo, hi] = [Infinity, -Infinity];
  for (const weight of weights) {
    if (weight < lo) lo = weight;
    if (weight > hi) hi = weight;
  }
  const perUnit = hi > lo ? most / (hi - lo) : 0;
  const counts = new Float64Array(most);
  const sums = new Float64Array(most);
  for (const weight of weights) {
    const index = Math.min(most - 1, Math.floor((weight - lo) * perUnit));
    counts[index]!++;
    sums[index]! += weight;
  }
  return { counts, sums };
}
