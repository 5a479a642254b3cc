import { magnitude, MAGNITUDE } from './lanes';
import { quantizeRow } from './quantizeRow';

const MANTISSA_BITS: i32 = 23;
const BIAS: i32 = 127;
/** One more in the exponent. */
const NEXT_EXPONENT: i32 = 1 << MANTISSA_BITS;

/** Floating-point numbers of few bits. The level of a weight is the number, before scaling. */
export class Minifloat {}

export function floatRows(
  src: usize,
  rows: i32,
  cols: i32,
  scales: usize,
  mantissaBits: i32,
  minExponent: i32,
  max: f32,
  signBit: i32,
  codes: usize,
  codeBytes: i32,
  values: usize,
  stats: usize,
): void {
  const surplus = MANTISSA_BITS - mantissaBits;
  const greatest = f32x4.splat(max);
  const normal = f32x4.splat(power(minExponent));
  // Float32 numbers of this size are as far apart as the subnormals: adding it rounds to one of them.
  const rounder = f32x4.splat(power(minExponent + surplus));
  const sign = i32x4.splat(signBit);
  for (let r = 0; r < rows; r++) {
    const scale = v128.load32_splat(scales + ((<usize>r) << 2));
    // prettier-ignore
    quantizeRow<Minifloat>(
      r, src, cols, codes, codeBytes, values, stats,
      scale, greatest, normal, rounder, sign, surplus,
    );
  }
}

function power(exponent: i32): f32 {
  return reinterpret<f32>((exponent + BIAS) << MANTISSA_BITS);
}

/** `normal` is the least normal number, `surplus` the bits of a float32 mantissa that the format lacks. */
export function minifloatLevel(
  x: v128,
  scale: v128,
  greatest: v128,
  normal: v128,
  rounder: v128,
  surplus: i32,
): v128 {
  const y = f32x4.div(x, scale);
  // NaN becomes zero, which no minimum would make of it.
  const size = f32x4.pmin(v128.and(magnitude(y), f32x4.eq(y, y)), greatest);
  // One less than half of the last bit to keep, and one more if that bit is odd: ties go to even, carries to the exponent.
  const odd = v128.and(i32x4.shr_u(size, surplus), i32x4.splat(1));
  const raised = i32x4.add(i32x4.add(size, odd), i32x4.splat((1 << (surplus - 1)) - 1));
  const rounded = v128.and(raised, i32x4.splat(-1 << surplus));
  const subnormal = f32x4.sub(f32x4.add(size, rounder), rounder);
  const number = v128.bitselect(subnormal, rounded, f32x4.lt(size, normal));
  return v128.or(number, v128.andnot(y, i32x4.splat(MAGNITUDE)));
}

export function minifloatCode(number: v128, normal: v128, rounder: v128, sign: v128, surplus: i32): v128 {
  const size = magnitude(number);
  const multiple = i32x4.sub(f32x4.add(size, rounder), rounder);
  const shifted = i32x4.shr_u(i32x4.sub(size, i32x4.sub(normal, i32x4.splat(NEXT_EXPONENT))), surplus);
  const code = v128.bitselect(multiple, shifted, f32x4.lt(size, normal));
  return v128.or(code, v128.and(f32x4.lt(number, f32x4.splat(0)), sign));
}
