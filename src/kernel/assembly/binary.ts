import { quantizeRow } from './quantizeRow';

const SIGN: i32 = i32.MIN_VALUE;

/** The sign alone. The level of a weight is its quantized value. */
export class Binary {}

export function binaryRows(
  src: usize,
  rows: i32,
  cols: i32,
  scales: usize,
  codes: usize,
  values: usize,
  stats: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const scale = v128.load32_splat(scales + ((<usize>r) << 2));
    quantizeRow<Binary>(r, src, cols, codes, 1, values, stats, scale);
  }
}

/** A comparison rather than the sign bit, as -0 and NaN count as positive. */
export function binaryLevel(x: v128, scale: v128): v128 {
  const negative = f32x4.lt(x, f32x4.splat(0));
  return v128.or(scale, v128.and(negative, i32x4.splat(SIGN)));
}

/** 1 for a positive value, 0 for a negative one. */
export function signCode(value: v128): v128 {
  return i32x4.add(i32x4.shr_s(value, 31), i32x4.splat(1));
}
