/** Ranges of least Kullback-Leibler divergence (Migacz 2017, "8-bit inference with TensorRT"), for any set of levels. */
import { levelsOf } from '../schemes/levels';
import { absMax, groupLength, type GroupStats } from '../GroupStats';
import type { Quantizer } from '../Quantizer';
import type { RangeSource } from './RangeSource';
import type { Cost } from './minimizeCost';
import type { Ranges } from './Ranges';

const MIN_BINS = 64;
const MAX_BINS = 2048;
const WEIGHTS_PER_BIN = 4;

/** Distribution of a group's weights between the least and the greatest of them, as sums over all bins before each. */
interface Histogram {
  readonly lo: number;
  readonly width: number;
  readonly bins: number;
  /** Of the counts, of the bins that are not empty, and of n log n over the counts n. */
  readonly mass: Float64Array;
  readonly filled: Float64Array;
  readonly logs: Float64Array;
}

/**
 * How much the quantized weights' distribution differs from the weights', in each group. The weights beyond the levels count where the
 * levels end; the quantized distribution spreads each level's share over the bins that go to it and are not empty.
 */
export function klDivergence(
  source: RangeSource,
  stats: GroupStats,
  build: (ranges: Ranges) => Quantizer,
): Cost {
  const histograms = collect(source, stats);
  return (ranges) => {
    const quantizer = build(ranges);
    return Float64Array.from(histograms, (histogram, group) =>
      divergenceOf(histogram, levelsOf(quantizer, group)),
    );
  };
}

function collect(source: RangeSource, stats: GroupStats): Histogram[] {
  const { groups } = stats;
  const edges = (group: number) => {
    const magnitude = absMax(stats, group) || 1;
    const wanted = groupLength(groups, group) / WEIGHTS_PER_BIN;
    const bins = Math.max(MIN_BINS, Math.min(MAX_BINS, 2 ** Math.round(Math.log2(wanted))));
    return { lo: -magnitude, width: (2 * magnitude) / bins, bins };
  };
  if (groups.perRow === 0) {
    const { lo, width, bins } = edges(0);
    return [summed(lo, width, source.histogram(lo, -lo, bins))];
  }
  const histograms: Histogram[] = [];
  source.eachGroup(groups, (group, weights) => {
    const { lo, width, bins } = edges(group);
    const counts = new Uint32Array(bins);
    for (const weight of weights) counts[Math.min(bins - 1, Math.floor((weight - lo) / width))]!++;
    histograms.push(summed(lo, width, counts));
  });
  return histograms;
}

function summed(lo: number, width: number, counts: Uint32Array): Histogram {
  const bins = counts.length;
  const [mass, filled, logs] = [0, 1, 2].map(() => new Float64Array(bins + 1)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  counts.forEach((count, bin) => {
    mass[bin + 1] = mass[bin]! + count;
    filled[bin + 1] = filled[bin]! + Math.min(1, count);
    logs[bin + 1] = logs[bin]! + timesLog(count);
  });
  return { lo, width, bins, mass, filled, logs };
}

/**
 * Sum over the bins between the outermost levels of p log(p / q). p is the bin's share with what was clipped added at the ends; q is what
 * its level has without that, the reference of the quantized distribution, spread over the level's bins. Within one level q is the same,
 * so that sums over its bins are all that is needed.
 * @param levels ascending
 */
function divergenceOf({ lo, width, bins, mass, filled, logs }: Histogram, levels: Float32Array): number {
  const binOf = (level: number) => Math.max(0, Math.min(bins - 1, Math.floor((level - lo) / width)));
  const first = binOf(levels[0]!);
  const last = binOf(levels.at(-1)!);
  const total = mass[bins]!;
  const below = mass[first]!;
  const above = total - mass[last + 1]!;
  let sum = 0;
  for (let level = 0, start = first; level < levels.length && start <= last; level++) {
    const edge = level + 1 < levels.length ? (levels[level]! + levels[level + 1]!) / 2 : Infinity;
    // The first bin whose centre is nearer to the next level.
    const end = Math.max(start, Math.min(last + 1, Math.ceil((edge - lo) / width - 0.5)));
    if (end === start) continue;
    const inside = mass[end]! - mass[start]!;
    let [share, bins, log] = [inside, filled[end]! - filled[start]!, logs[end]! - logs[start]!];
    const clip = (bin: number, extra: number) => {
      const count = mass[bin + 1]! - mass[bin]!;
      share += extra;
      if (count === 0 && extra > 0) bins++;
      log += timesLog(count + extra) - timesLog(count);
    };
    if (start === first && first === last) clip(first, below + above);
    else {
      if (start === first) clip(first, below);
      if (end === last + 1) clip(last, above);
    }
    if (share > 0) sum += log - share * Math.log(Math.max(inside / bins, 1e-3));
    start = end;
  }
  return total === 0 ? 0 : sum / total;
}

function timesLog(count: number): number {
  return count === 0 ? 0 : count * Math.log(count);
}
