/** Logarithmic quantization: sign, zero and powers of two (Miyashita et al. 2016, section 3; a full-scale range per group). */
import type { Groups } from '../Groups';
import type { LogQuantizer } from '../Quantizer';
import type { Ranges } from '../ranges/Ranges';

/** The largest power of two is the one nearest by value to the end of the range. */
export function powersOfTwo(bits: number, groups: Groups, { upper }: Ranges): LogQuantizer {
  // With sign and zero, so many powers are what the bits hold; code 2^(bits - 1) would be minus zero and is never written.
  const count = 2 ** (bits - 1) - 1;
  const exponents = Int32Array.from(upper, (magnitude) => nearestExponent(magnitude, count));
  return { kind: 'log', groups, bits, count, exponents };
}

/** The code table: entry c is what code c stands for, times the group's largest level. */
export function logTable({ bits, count }: LogQuantizer): Float32Array {
  const table = new Float32Array(2 ** bits);
  const negative = 2 ** (bits - 1);
  for (let code = 1; code <= count; code++) {
    table[code] = 2 ** (code - count);
    table[negative + code] = -(2 ** (code - count));
  }
  return table;
}

/** e with 2^e nearest to `magnitude`, kept where all levels of the group are normal float32 numbers. */
function nearestExponent(magnitude: number, count: number): number {
  if (magnitude === 0) return 0;
  const below = Math.floor(Math.log2(magnitude));
  // Math.log2 may be off by one ulp at powers of two; comparing with the midpoints settles it.
  const exponent = magnitude >= 1.5 * 2 ** below ? below + 1 : below;
  return Math.min(127, Math.max(exponent, -126 + count - 1));
}
