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
    const scale = v128.load32_splat(scales);
    quantizeRow<Binary>(src, cols, scale, scale, scale, scale, codes, values, stats);
    src += (<usize>cols) << 2;
    scales += 4;
    if (codes) codes += cols;
    if (values) values += (<usize>cols) << 2;
    stats += 24;
  }
}

/** A comparison rather than the sign bit, as -0 and NaN count as positive. */
export function binaryLevel(x: v128, scale: v128): v128 {
  const negative = f32x4.lt(x, f32x4.splat(0));
  return v128.or(scale, v128.and(negative, i32x4.splat(SIGN)));
}

export function binaryCode(value: v128): v128 {
  return i32x4.add(i32x4.shr_s(value, 31), i32x4.splat(1));
}
