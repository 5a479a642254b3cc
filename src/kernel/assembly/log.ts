import { store16, storeValues16 } from './codes';
import { FLUSH, greater, max16, sum16 } from './lanes';

const SIGN: i32 = <i32>0x80000000;
/** Half a mantissa: added to the bits, it carries into the exponent from 1.5 times a power of two on. */
const ROUND: i32 = 0x00400000;

export function logRows(
  src: usize, rows: i32, cols: i32,
  exponents: usize, count: i32,
  codes: usize, values: usize, stats: usize,
): void {
  for (let r = 0; r < rows; r++) {
    logRow(src, cols, load<i32>(exponents), count, codes, values, stats);
    src += <usize>cols << 2;
    exponents += 4;
    if (codes) codes += cols;
    if (values) values += <usize>cols << 2;
    stats += 24;
  }
}

/** The bits of half the smallest level: what is below it is zero. */
// @ts-ignore: decorator
@inline
function halfOf(biased: i32): i32 {
  return biased > 1 ? (biased - 1) << 23 : ROUND;
}

/** Biased exponent of the level for each magnitude. */
// @ts-ignore: decorator
@inline
function level(magnitude: v128, lo: v128, hi: v128): v128 {
  return i32x4.max_s(lo, i32x4.min_s(hi, i32x4.shr_u(i32x4.add(magnitude, i32x4.splat(ROUND)), 23)));
}

/** Code of each level: its number from the smallest, from 1, and 8 for the sign; 0 for zero. */
// @ts-ignore: decorator
@inline
function codeOf(x: v128, level: v128, base: v128, zero: v128): v128 {
  const number = i32x4.sub(level, base);
  return v128.andnot(v128.or(number, i32x4.shr_u(v128.and(x, i32x4.splat(SIGN)), 28)), zero);
}

// @ts-ignore: decorator
@inline
function valueOf(x: v128, level: v128, zero: v128): v128 {
  return v128.andnot(v128.or(i32x4.shl(level, 23), v128.and(x, i32x4.splat(SIGN))), zero);
}

function logRow(
  src: usize, cols: i32, exponent: i32, count: i32,
  codes: usize, values: usize, stats: usize,
): void {
  const highest = exponent + 127, lowest = highest - count + 1, half = halfOf(lowest);
  const hi = i32x4.splat(highest), lo = i32x4.splat(lowest), base = i32x4.splat(lowest - 1);
  const halves = i32x4.splat(half), magnitude = i32x4.splat(0x7fffffff);
  let m0 = f32x4.splat(0), m1 = m0, m2 = m0, m3 = m0;
  let noise: f64 = 0, quantized: f64 = 0;
  const groups = cols & ~15;
  let i = 0;
  while (i < groups) {
    const end = min(i + FLUSH, groups);
    let n0 = f32x4.splat(0), n1 = n0, n2 = n0, n3 = n0;
    let p0 = n0, p1 = n0, p2 = n0, p3 = n0;
    for (; i < end; i += 16, src += 64) {
      const x0 = v128.load(src), x1 = v128.load(src, 16), x2 = v128.load(src, 32), x3 = v128.load(src, 48);
      const a0 = v128.and(x0, magnitude), a1 = v128.and(x1, magnitude);
      const a2 = v128.and(x2, magnitude), a3 = v128.and(x3, magnitude);
      const z0 = i32x4.lt_s(a0, halves), z1 = i32x4.lt_s(a1, halves);
      const z2 = i32x4.lt_s(a2, halves), z3 = i32x4.lt_s(a3, halves);
      const l0 = level(a0, lo, hi), l1 = level(a1, lo, hi), l2 = level(a2, lo, hi), l3 = level(a3, lo, hi);
      const v0 = valueOf(x0, l0, z0), v1 = valueOf(x1, l1, z1), v2 = valueOf(x2, l2, z2), v3 = valueOf(x3, l3, z3);
      const e0 = f32x4.sub(x0, v0), e1 = f32x4.sub(x1, v1), e2 = f32x4.sub(x2, v2), e3 = f32x4.sub(x3, v3);
      n0 = f32x4.add(n0, f32x4.mul(e0, e0)); n1 = f32x4.add(n1, f32x4.mul(e1, e1));
      n2 = f32x4.add(n2, f32x4.mul(e2, e2)); n3 = f32x4.add(n3, f32x4.mul(e3, e3));
      p0 = f32x4.add(p0, f32x4.mul(v0, v0)); p1 = f32x4.add(p1, f32x4.mul(v1, v1));
      p2 = f32x4.add(p2, f32x4.mul(v2, v2)); p3 = f32x4.add(p3, f32x4.mul(v3, v3));
      m0 = f32x4.pmax(m0, f32x4.abs(e0)); m1 = f32x4.pmax(m1, f32x4.abs(e1));
      m2 = f32x4.pmax(m2, f32x4.abs(e2)); m3 = f32x4.pmax(m3, f32x4.abs(e3));
      if (codes) {
        store16(
          codes + i,
          codeOf(x0, l0, base, z0), codeOf(x1, l1, base, z1),
          codeOf(x2, l2, base, z2), codeOf(x3, l3, base, z3),
        );
      }
      if (values) storeValues16(values + (<usize>i << 2), v0, v1, v2, v3);
    }
    noise += sum16(n0, n1, n2, n3);
    quantized += sum16(p0, p1, p2, p3);
  }
  let most = max16(m0, m1, m2, m3);
  for (; i < cols; i++, src += 4) {
    const bits = load<i32>(src), a = bits & 0x7fffffff, sign = bits & SIGN;
    const l = max(lowest, min(highest, (a + ROUND) >>> 23));
    const zero = a < half;
    const x = reinterpret<f32>(bits), v: f32 = zero ? 0 : reinterpret<f32>((l << 23) | sign);
    const e = x - v;
    noise += <f64>(e * e);
    quantized += <f64>(v * v);
    most = greater(most, abs(e));
    if (codes) store<u8>(codes + i, zero ? 0 : <u8>((l - lowest + 1) | (sign >>> 28)));
    if (values) store<f32>(values + (<usize>i << 2), v);
  }
  store<f64>(stats, noise);
  store<f64>(stats, quantized, 8);
  store<f64>(stats, <f64>most, 16);
}
