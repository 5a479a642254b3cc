/**
 * A fitted quantizer: the numbers that a scheme chose for one tensor. One entry of `scales` or `exponents` per row (output channel), or a
 * single one for the whole tensor. The loops that apply it are in `src/kernel`.
 */
export type Quantizer = AffineQuantizer | LogQuantizer | BinaryQuantizer;

/** value = (code - zeroPoint) * scale; code = clamp(roundHalfEven(x / scale) + zeroPoint, qmin, qmax). */
export interface AffineQuantizer {
  readonly kind: 'affine';
  readonly bits: 4 | 8;
  readonly qmin: number;
  readonly qmax: number;
  readonly scales: Float32Array;
  /** Null if zero has code zero everywhere. */
  readonly zeroPoints: Int32Array | null;
}

/** Zero and +-2^(e - j), j = 0 .. count - 1, with e per row. */
export interface LogQuantizer {
  readonly kind: 'log';
  readonly bits: 4;
  readonly count: number;
  readonly exponents: Int32Array;
}

/** +-scale. */
export interface BinaryQuantizer {
  readonly kind: 'binary';
  readonly bits: 1;
  readonly scales: Float32Array;
}

/** How many rows have numbers of their own. */
export function groupCount(quantizer: Quantizer): number {
  return quantizer.kind === 'log' ? quantizer.exponents.length : quantizer.scales.length;
}

/** What multiplies the codes (or their table entries), one float32 per group. */
export function scalesOf(quantizer: Quantizer): Float32Array {
  return quantizer.kind === 'log'
    ? Float32Array.from(quantizer.exponents, (exponent) => 2 ** exponent)
    : quantizer.scales;
}
