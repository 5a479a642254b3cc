import type { Quantizer } from '../Quantizer';
import { kindOf } from '../quantizers';

/**
 * Bytes that a quantized tensor takes: packed codes, scales, zero points, and a codebook of its own. Tables that schemes share and
 * the nodes that unpack the codes are part of the graph, not of a tensor.
 */
export function storageBytes(quantizer: Quantizer): number {
  const { rows, cols } = quantizer.groups;
  return codeBytes(quantizer, rows * cols) + sideBytes(quantizer);
}

function codeBytes(quantizer: Quantizer, weights: number): number {
  const codes =
    quantizer.kind === 'vector' ? Math.ceil(weights / quantizer.dimension) * quantizer.parts : weights;
  return Math.ceil((codes * quantizer.bits) / 8);
}

/** Everything but the codes. */
export function sideBytes(quantizer: Quantizer): number {
  return kindOf(quantizer).sideBytes(quantizer);
}
