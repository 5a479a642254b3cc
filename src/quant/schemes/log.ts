/** Logarithmic quantization: sign, zero and powers of two (Miyashita et al. 2016, section 3; a full-scale range per row). */
import type { LogQuantizer } from '../Quantizer';
import { absMax, type RowStats } from '../RowStats';

/** With sign and zero, 7 powers of two are what 4 bits hold. */
const LEVELS = 7;

/** Four bits: the largest power of two is the one nearest by value to the row's largest magnitude. */
export function log4(stats: RowStats): LogQuantizer {
  const exponents = Int32Array.from(stats.min, (_, row) => nearestExponent(absMax(stats, row)));
  return { kind: 'log', bits: 4, count: LEVELS, exponents };
}

/**
 * The code table: entry c is what code c stands for, times the row's largest level. Code 8 would be minus zero and is
 * never written.
 */
export function logTable(count: number): Float32Array {
  const table = new Float32Array(16);
  for (let code = 1; code <= count; code++) {
    table[code] = 2 ** (code - count);
    table[8 + code] = -(2 ** (code - count));
  }
  return table;
}

/** e with 2^e nearest to `magnitude`, kept where all levels of the row are normal float32 numbers. */
function nearestExponent(magnitude: number): number {
  if (magnitude === 0) return 0;
  const below = Math.floor(Math.log2(magnitude));
  // Math.log2 may be off by one ulp at powers of two; comparing with the midpoints settles it.
  const exponent = magnitude >= 1.5 * 2 ** below ? below + 1 : below;
  return Math.min(127, Math.max(exponent, -126 + LEVELS - 1));
}
