import { quantizeRow } from './quantizeRow';

/** 1.5 * 2^23: the sum with an integer below 2^22 has that integer in its low bits, at the price of one addition. */
const TO_INTEGER: f32 = 12582912;

/** Evenly spaced levels. The level of a weight is its code, as a float32 number. */
export class Affine {}

export function affineRows(
  src: usize,
  rows: i32,
  cols: i32,
  scales: usize,
  zeroPoints: usize,
  qmin: i32,
  qmax: i32,
  codes: usize,
  codeBytes: i32,
  values: usize,
  stats: usize,
): void {
  const lo = f32x4.splat(<f32>qmin);
  const hi = f32x4.splat(<f32>qmax);
  for (let r = 0; r < rows; r++) {
    const scale = v128.load32_splat(scales + ((<usize>r) << 2));
    const zeroPoint = f32x4.convert_i32x4_s(v128.load32_splat(zeroPoints + ((<usize>r) << 2)));
    quantizeRow<Affine>(r, src, cols, codes, codeBytes, values, stats, scale, zeroPoint, lo, hi);
  }
}

export function affineLevel(x: v128, scale: v128, zeroPoint: v128, lo: v128, hi: v128): v128 {
  const steps = f32x4.nearest(f32x4.div(x, scale));
  // NaN is no number of steps from zero: it becomes none, which no clamp would make of it.
  const finite = v128.and(steps, f32x4.eq(steps, steps));
  return f32x4.pmin(f32x4.pmax(f32x4.add(finite, zeroPoint), lo), hi);
}

export function affineValue(code: v128, scale: v128, zeroPoint: v128): v128 {
  return f32x4.mul(f32x4.sub(code, zeroPoint), scale);
}

export function affineCode(code: v128): v128 {
  return f32x4.add(code, f32x4.splat(TO_INTEGER));
}
