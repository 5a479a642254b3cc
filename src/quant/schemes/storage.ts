import type { Quantizer } from '../Quantizer';

/**
 * Bytes that a quantized tensor takes: packed codes, scales, zero points, and a codebook of its own. Known tables and
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
  const { count } = quantizer.groups;
  switch (quantizer.kind) {
    case 'affine':
      return count * 4 + (quantizer.zeroPoints ? Math.ceil((count * quantizer.bits) / 8) : 0);
    case 'log':
      return count * 4;
    case 'binary':
      return isUnit(quantizer.scales) ? 0 : count * 4;
    case 'float':
      return { float32: count * 4, exponent: count, none: 0 }[quantizer.scaleType];
    case 'table':
      return quantizer.fitted === 'scales' ? count * 4 : quantizer.entries.byteLength;
    case 'vector':
      return quantizer.codebooks.byteLength;
  }
}

/** Whether the levels are -1 and 1 themselves, without a scale. */
export function isUnit(scales: Float32Array): boolean {
  return scales.every((scale) => scale === 1);
}
