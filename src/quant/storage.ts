import { groupCount, type Quantizer } from './Quantizer';

/**
 * Bytes that a quantized tensor takes: packed codes, a float32 scale per group, and a byte per group for zero points.
 * The shared lookup tables of an export are part of the graph, not of a tensor.
 */
export function storageBytes(quantizer: Quantizer, weights: number): number {
  const groups = groupCount(quantizer);
  const zeroPoints = quantizer.kind === 'affine' && quantizer.zeroPoints ? groups : 0;
  return Math.ceil((weights * quantizer.bits) / 8) + groups * 4 + zeroPoints;
}
