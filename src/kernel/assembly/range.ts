import { FLUSH, greatest, least, magnitude, max4, min4, sum16 } from './lanes';

/** Exponent bits all set: infinity, and above it the NaNs. */
const NOT_FINITE: i32 = 0x7f800000;

export function rangeRows(src: usize, rows: i32, cols: i32, stats: usize): i32 {
  // As integers, magnitudes order as they do as numbers, with infinity and NaN on top: one maximum finds either.
  let largest = i32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    largest = rangeRow(src, cols, stats, largest);
    src += (<usize>cols) << 2;
    stats += 32;
  }
  return v128.any_true(i32x4.ge_s(largest, i32x4.splat(NOT_FINITE))) ? 1 : 0;
}

/** Writes the statistics of one row; returns `largest` raised to the largest magnitudes' bits. */
function rangeRow(src: usize, cols: i32, stats: usize, largest: v128): v128 {
  const zero = f32x4.splat(0);
  let lo = f32x4.splat(f32.POSITIVE_INFINITY);
  let hi = f32x4.splat(f32.NEGATIVE_INFINITY);
  let sumAbs: f64 = 0;
  let sumSquares: f64 = 0;
  const groups = cols & ~15;
  let i = 0;
  while (i < groups) {
    const end = min(i + FLUSH, groups);
    let a0 = zero;
    let a1 = zero;
    let a2 = zero;
    let a3 = zero;
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    for (; i < end; i += 16, src += 64) {
      const x0 = v128.load(src);
      const x1 = v128.load(src, 16);
      const x2 = v128.load(src, 32);
      const x3 = v128.load(src, 48);
      const m0 = magnitude(x0);
      const m1 = magnitude(x1);
      const m2 = magnitude(x2);
      const m3 = magnitude(x3);
      lo = least(lo, x0, x1, x2, x3);
      hi = greatest(hi, x0, x1, x2, x3);
      largest = i32x4.max_s(largest, i32x4.max_s(i32x4.max_s(m0, m1), i32x4.max_s(m2, m3)));
      a0 = f32x4.add(a0, m0);
      a1 = f32x4.add(a1, m1);
      a2 = f32x4.add(a2, m2);
      a3 = f32x4.add(a3, m3);
      s0 = f32x4.add(s0, f32x4.mul(x0, x0));
      s1 = f32x4.add(s1, f32x4.mul(x1, x1));
      s2 = f32x4.add(s2, f32x4.mul(x2, x2));
      s3 = f32x4.add(s3, f32x4.mul(x3, x3));
    }
    sumAbs += sum16(a0, a1, a2, a3);
    sumSquares += sum16(s0, s1, s2, s3);
  }
  for (; i < cols; i++, src += 4) {
    const x = v128.load32_splat(src);
    lo = f32x4.pmin(lo, x);
    hi = f32x4.pmax(hi, x);
    largest = i32x4.max_s(largest, magnitude(x));
    sumAbs += <f64>f32x4.extract_lane(magnitude(x), 0);
    sumSquares += <f64>f32x4.extract_lane(f32x4.mul(x, x), 0);
  }
  // Which zero came first is of no interest, and differs between lanes and a plain loop: + 0 makes it the positive one.
  store<f64>(stats, <f64>min4(lo) + 0);
  store<f64>(stats, <f64>max4(hi) + 0, 8);
  store<f64>(stats, sumAbs, 16);
  store<f64>(stats, sumSquares, 24);
  return largest;
}
