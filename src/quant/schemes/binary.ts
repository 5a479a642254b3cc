/** Binary weights: the sign times the row's mean magnitude, the scale of least squared error (XNOR-Net, Rastegari et al. 2016, eq. 6). */
import type { BinaryQuantizer } from '../Quantizer';
import type { RowStats } from '../RowStats';

export function binary(stats: RowStats): BinaryQuantizer {
  return {
    kind: 'binary',
    bits: 1,
    scales: Float32Array.from(stats.sumAbs, (sum) => (stats.cols === 0 ? 0 : sum / stats.cols)),
  };
}
