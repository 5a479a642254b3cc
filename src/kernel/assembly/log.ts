import { magnitude, MAGNITUDE } from './lanes';
import { quantizeRow } from './quantizeRow';

/** Half a mantissa: added to the bits, it carries into the exponent from 1.5 times a power of two on. */
const ROUND: i32 = 0x00400000;
const BIAS: i32 = 127;

/** Zero and powers of two. The level of a weight is its quantized value. */
export class Log {}

export function logRows(
  src: usize,
  rows: i32,
  cols: i32,
  exponents: usize,
  count: i32,
  negative: i32,
  codes: usize,
  values: usize,
  stats: usize,
): void {
  const sign = i32x4.splat(negative);
  for (let r = 0; r < rows; r++) {
    const highest = load<i32>(exponents + ((<usize>r) << 2)) + BIAS;
    const lowest = highest - count + 1;
    const half = f32x4.splat(halfPower(lowest));
    const lo = i32x4.splat(lowest);
    const hi = i32x4.splat(highest);
    quantizeRow<Log>(r, src, cols, codes, 1, values, stats, half, lo, hi, sign);
  }
}

/** Half the power of two with this biased exponent: of the least normal number, it is a subnormal one. */
function halfPower(biased: i32): f32 {
  return reinterpret<f32>(biased << 23) * 0.5;
}

/** `lo` and `hi` are the biased exponents of the least and the greatest level. */
export function logLevel(x: v128, half: v128, lo: v128, hi: v128): v128 {
  const size = magnitude(x);
  const exponent = i32x4.shr_u(i32x4.add(size, i32x4.splat(ROUND)), 23);
  const power = i32x4.shl(i32x4.max_s(lo, i32x4.min_s(hi, exponent)), 23);
  const sign = v128.andnot(x, i32x4.splat(MAGNITUDE));
  // A comparison that NaN fails, so that it becomes zero like all below half the least level.
  return v128.and(v128.or(power, sign), f32x4.ge(size, half));
}

/** The level's number from the least, from 1, and the bit `sign` for negative ones. Zero's exponent is 0, below all others. */
export function logCode(value: v128, lo: v128, sign: v128): v128 {
  const exponent = i32x4.shr_u(magnitude(value), 23);
  const number = i32x4.max_s(i32x4.splat(0), i32x4.sub(exponent, i32x4.sub(lo, i32x4.splat(1))));
  return v128.or(number, v128.and(i32x4.shr_s(value, 31), sign));
}
