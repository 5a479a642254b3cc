import { FLUSH, greater, lesser, max16, sum16 } from './lanes';

/** Exponent bits all set: infinity, and above it the NaNs. */
const NOT_FINITE: i32 = 0x7f800000;

export function rangeRows(src: usize, rows: i32, cols: i32, stats: usize): i32 {
  let largestBits: i32 = 0;
  for (let r = 0; r < rows; r++) {
    largestBits = max(largestBits, rangeRow(src, cols, stats));
    src += (<usize>cols) << 2;
    stats += 32;
  }
  return largestBits >= NOT_FINITE ? 1 : 0;
}

/** Writes the statistics of one row; returns the largest magnitude's bits, which order as the magnitudes do. */
function rangeRow(src: usize, cols: i32, stats: usize): i32 {
  const magnitude = i32x4.splat(0x7fffffff);
  let lo0 = f32x4.splat(f32.POSITIVE_INFINITY),
    lo1 = lo0,
    lo2 = lo0,
    lo3 = lo0;
  let hi0 = f32x4.splat(f32.NEGATIVE_INFINITY),
    hi1 = hi0,
    hi2 = hi0,
    hi3 = hi0;
  let bits = i32x4.splat(0);
  let sumAbs: f64 = 0,
    sumSquares: f64 = 0;
  const groups = cols & ~15;
  let i = 0;
  while (i < groups) {
    const end = min(i + FLUSH, groups);
    let a0 = f32x4.splat(0),
      a1 = a0,
      a2 = a0,
      a3 = a0;
    let s0 = a0,
      s1 = a0,
      s2 = a0,
      s3 = a0;
    for (; i < end; i += 16, src += 64) {
      const x0 = v128.load(src),
        x1 = v128.load(src, 16),
        x2 = v128.load(src, 32),
        x3 = v128.load(src, 48);
      lo0 = f32x4.pmin(lo0, x0);
      lo1 = f32x4.pmin(lo1, x1);
      lo2 = f32x4.pmin(lo2, x2);
      lo3 = f32x4.pmin(lo3, x3);
      hi0 = f32x4.pmax(hi0, x0);
      hi1 = f32x4.pmax(hi1, x1);
      hi2 = f32x4.pmax(hi2, x2);
      hi3 = f32x4.pmax(hi3, x3);
      const m0 = v128.and(x0, magnitude),
        m1 = v128.and(x1, magnitude);
      const m2 = v128.and(x2, magnitude),
        m3 = v128.and(x3, magnitude);
      bits = i32x4.max_s(bits, i32x4.max_s(i32x4.max_s(m0, m1), i32x4.max_s(m2, m3)));
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
  // The least lane is minus the greatest of the negated ones.
  let lo = -max16(f32x4.neg(lo0), f32x4.neg(lo1), f32x4.neg(lo2), f32x4.neg(lo3));
  let hi = max16(hi0, hi1, hi2, hi3);
  let most = max(
    max(i32x4.extract_lane(bits, 0), i32x4.extract_lane(bits, 1)),
    max(i32x4.extract_lane(bits, 2), i32x4.extract_lane(bits, 3)),
  );
  for (; i < cols; i++, src += 4) {
    const x = load<f32>(src);
    lo = lesser(lo, x);
    hi = greater(hi, x);
    most = max(most, load<i32>(src) & 0x7fffffff);
    sumAbs += <f64>abs(x);
    sumSquares += <f64>(x * x);
  }
  store<f64>(stats, <f64>lo);
  store<f64>(stats, <f64>hi, 8);
  store<f64>(stats, sumAbs, 16);
  store<f64>(stats, sumSquares, 24);
  return most;
}
