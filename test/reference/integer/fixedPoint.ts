/**
 * Multiplication by a real number in integers alone: Jacob et al. 2017, section 2.2 and appendix B, with the two roundings of
 * gemmlowp's fixedpoint.h (SaturatingRoundingDoublingHighMul, RoundingDivideByPOT). All numbers are int32.
 */

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** The real number mantissa * 2^(exponent - 31), the mantissa normalised to 2^30 ... 2^31 - 1. */
export interface FixedPoint {
  readonly mantissa: number;
  readonly exponent: number;
}

/**
 * Equation 6, M = 2^-n M0, where the exponent is -n: beyond the paper it may be positive, as M exceeds 1 where the output's scale is small.
 * Relative error at most 2^-31; numbers below 2^-32 become zero, and above 2^31 the greatest.
 * @param real positive and finite
 * @throws RangeError if it is not
 */
export function fixedPoint(real: number): FixedPoint {
  if (!(real > 0 && real < Infinity)) throw new RangeError(`No fixed-point number stands for ${real}.`);
  let exponent = Math.floor(Math.log2(real)) + 1;
  // The logarithm is rounded, and so may be one off near powers of two.
  if (real >= 2 ** exponent) exponent++;
  if (real < 2 ** (exponent - 1)) exponent--;
  let mantissa = Math.round(real * 2 ** -exponent * 2 ** 31);
  if (mantissa > INT32_MAX) {
    mantissa /= 2;
    exponent++;
  }
  if (exponent < -31) return { mantissa: 0, exponent: 0 };
  return exponent > 31 ? { mantissa: INT32_MAX, exponent: 31 } : { mantissa, exponent };
}

/** x times the fixed-point number, rounded: by the high half of a doubled product, then by a shift. */
export function multiply(x: number, { mantissa, exponent }: FixedPoint): number {
  const product = saturatingRoundingDoublingHighMul(saturatingShiftLeft(x, Math.max(exponent, 0)), mantissa);
  return roundingDivideByPowerOfTwo(product, Math.max(-exponent, 0));
}

/**
 * (a * b) / 2^31, rounded to the nearest and ties up; of the one product that has no int32 (both are -2^31), the greatest int32. The 64-bit product
 * is put together from 16-bit halves, each product of which fits an int32.
 */
export function saturatingRoundingDoublingHighMul(a: number, b: number): number {
  if (a === INT32_MIN && b === INT32_MIN) return INT32_MAX;
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >> 16, b & 0xffff, b >> 16];
  const lowest = Math.imul(aLow, bLow);
  const middle = (Math.imul(aHigh, bLow) + (lowest >>> 16)) | 0;
  const other = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  const high = (Math.imul(aHigh, bHigh) + (middle >> 16) + (other >> 16)) | 0;
  // Bits 31 and 30 of the product's low half: one is doubled into the result, the other rounds.
  const next = (other & 0xffff) >>> 14;
  return ((high << 1) + ((next + 1) >> 1)) | 0;
}

/** x / 2^power, rounded to the nearest and ties away from zero. @param power 0 ... 31 */
export function roundingDivideByPowerOfTwo(x: number, power: number): number {
  const mask = power === 31 ? INT32_MAX : (1 << power) - 1;
  const threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> power) + ((x & mask) > threshold ? 1 : 0);
}

/** x * 2^power, or the int32 nearest to that. @param power 0 ... 31 */
function saturatingShiftLeft(x: number, power: number): number {
  if (x === 0) return 0;
  if (x > INT32_MAX >> power) return INT32_MAX;
  return x < INT32_MIN >> power ? INT32_MIN : x << power;
}
