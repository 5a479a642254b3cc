import type { TernarySpec } from '../../core/scheme/SchemeSpec';
import { groupLength, type GroupStats } from '../GroupStats';
import type { TableQuantizer } from '../Quantizer';
import type { WeightSource } from '../WeightSource';

/** Weights further from zero than this share of the mean magnitude are kept (Li et al. 2016, equation 6). */
const THRESHOLD = 0.7;

/** Minus, zero, plus: magnitudes above a threshold become their mean (Ternary Weight Networks, Li et al. 2016, section 2.2). */
export function fitTernary({ granularity }: TernarySpec, source: WeightSource): TableQuantizer {
  const stats = source.stats(granularity);
  const { groups } = stats;
  const edges = stats.sumAbs.map((sum, group) => (THRESHOLD * sum) / groupLength(groups, group) || 0);
  const scales = meansAbove(source, stats, edges);
  const entries = new Float32Array(groups.count * 3);
  const thresholds = new Float32Array(groups.count * 3);
  for (let group = 0; group < groups.count; group++) {
    const edge = edges[group]! / scales[group]!;
    entries.set([-1, 0, 1], group * 3);
    thresholds.set([-edge, edge, Infinity], group * 3);
  }
  return { kind: 'table', groups, bits: 2, entries, thresholds, count: 3, scales, fitted: 'scales' };
}

/** Mean magnitude of each group's weights beyond its edge; 1 where there are none. */
function meansAbove(source: WeightSource, { groups }: GroupStats, edges: Float64Array): Float32Array {
  const sums = new Float64Array(groups.count);
  const counts = new Float64Array(groups.count);
  const add = (group: number, weights: Float32Array) => {
    const edge = edges[group]!;
    for (const weight of weights) {
      const magnitude = Math.abs(weight);
      if (magnitude <= edge) continue;
      sums[group]! += magnitude;
      counts[group]!++;
    }
  };
  if (groups.perRow > 0) source.eachGroup(groups, add);
  else source.eachGroup(source.stats('channel').groups, (_, weights) => add(0, weights));
  return Float32Array.from(sums, (sum, group) => sum / counts[group]! || 1);
}
