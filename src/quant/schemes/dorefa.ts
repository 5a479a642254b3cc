/** DoReFa-Net's weights (Zhou et al. 2016, equation 9). */
import type { DorefaSpec } from '../../core/scheme/SchemeSpec';
import { dorefaTable } from '../dorefa/dorefaTable';
import { largestMagnitude } from '../GroupStats';
import type { TableQuantizer } from '../Quantizer';
import type { WeightSource } from '../WeightSource';

/**
 * The tanh is monotone, so that the transform is a table with evenly spaced levels and uneven thresholds. The paper's levels reach from -1 to 1 whatever
 * the weights; as they replace weights here, they are scaled to the least squared error unless `unit` asks for them as they are.
 */
export function fitDorefa({ bits, unit }: DorefaSpec, source: WeightSource): TableQuantizer {
  const stats = source.stats('tensor');
  const { entries, thresholds } = dorefaTable(bits, largestMagnitude(stats));
  const plain: TableQuantizer = {
    kind: 'table',
    groups: stats.groups,
    bits,
    entries,
    thresholds,
    count: entries.length,
    scales: Float32Array.of(1),
    fitted: 'scales',
  };
  if (unit) return plain;
  const scale = Math.fround(leastSquares(plain, source)) || 1;
  return {
    ...plain,
    scales: Float32Array.of(scale),
    thresholds: thresholds.map((threshold) => threshold / scale),
  };
}

/** The factor of the levels that brings them nearest to the weights: <w, q> / <q, q>. */
function leastSquares(quantizer: TableQuantizer, source: WeightSource): number {
  const { sums, counts } = source.codeSums(quantizer);
  let product = 0;
  let square = 0;
  quantizer.entries.forEach((entry, code) => {
    product += entry * sums[code]!;
    square += entry * entry * counts[code]!;
  });
  return square === 0 ? 1 : product / square;
}
