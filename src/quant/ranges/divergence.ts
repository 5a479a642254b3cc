/** Ranges of least Kullback-Leibler divergence (Migacz 2017, "8-bit inference with TensorRT"), for any set of levels. */
import { levelsOf } from '../levels';
import { absMax, groupLength, type GroupStats } from '../GroupStats';
import type { Quantizer } from '../Quantizer';
import type { WeightSource } from '../WeightSource';
import type { Cost } from './leastCost';
import type { Ranges } from './Ranges';

const LEAST_BINS = 64;
const MOST_BINS = 2048;
const WEIGHTS_PER_BIN = 4;

/** Distribution of a group's weights between the least and the greatest of them. */
interface Histogram {
  readonly lo: number;
  readonly width: number;
  readonly counts: Float64Array;
}

/**
 * How much the quantized weights' distribution differs from the weights', in each group. The weights beyond the levels count where the
 * levels end; the quantized distribution spreads each level's share over the bins that go to it and are not empty.
 */
export function divergence(
  source: WeightSource,
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

function collect(source: WeightSource, stats: GroupStats): Histogram[] {
  const { groups } = stats;
  const edges = (group: number) => {
    const magnitude = absMax(stats, group) || 1;
    const wanted = groupLength(groups, group) / WEIGHTS_PER_BIN;
    const bins = Math.max(LEAST_BINS, Math.min(MOST_BINS, 2 ** Math.round(Math.log2(wanted))));
    return { lo: -magnitude, width: (2 * magnitude) / bins, bins };
  };
  if (groups.perRow === 0) {
    const { lo, width, bins } = edges(0);
    return [{ lo, width, counts: Float64Array.from(source.histogram(lo, -lo, bins)) }];
  }
  const histograms: Histogram[] = [];
  source.eachGroup(groups, (group, weights) => {
    const { lo, width, bins } = edges(group);
    const counts = new Float64Array(bins);
    for (const weight of weights) counts[Math.min(bins - 1, Math.floor((weight - lo) / width))]!++;
    histograms.push({ lo, width, counts });
  });
  return histograms;
}

/** @param levels ascending */
function divergenceOf({ lo, width, counts }: Histogram, levels: Float32Array): number {
  const first = binOf(levels[0]!);
  const last = binOf(levels.at(-1)!);
  function binOf(level: number): number {
    return Math.max(0, Math.min(counts.length - 1, Math.floor((level - lo) / width)));
  }
  const clipped = counts.slice(first, last + 1);
  for (let bin = 0; bin < first; bin++) clipped[0]! += counts[bin]!;
  for (let bin = last + 1; bin < counts.length; bin++) clipped[clipped.length - 1]! += counts[bin]!;

  let sum = 0;
  let total = 0;
  let level = 0;
  // Bins of one level follow each other, so that one walk over bins and levels does.
  let start = 0;
  while (start < clipped.length) {
    const centre = (bin: number) => lo + (first + bin + 0.5) * width;
    const nextEdge = () => (level + 1 < levels.length ? (levels[level]! + levels[level + 1]!) / 2 : Infinity);
    while (centre(start) >= nextEdge()) level++;
    let mass = 0;
    let filled = 0;
    const edge = nextEdge();
    let end = start;
    for (; end < clipped.length && (end === start || centre(end) < edge); end++) {
      // The reference of the quantized distribution is the one without what was clipped.
      mass += counts[first + end]!;
      if (clipped[end]! > 0) filled++;
    }
    for (let bin = start; bin < end; bin++) {
      const p = clipped[bin]!;
      if (p === 0) continue;
      total += p;
      sum += p * Math.log(p / Math.max(mass / filled, 1e-3));
    }
    start = end;
  }
  return total === 0 ? 0 : sum / total;
}
