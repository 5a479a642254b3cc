/**
 * The loop that all schemes share: quantize, write what is wanted, and measure the errors, in one pass over the row.
 *
 * A scheme `S` is a class without members; comparing its id chooses the scheme's functions while compiling, so each scheme
 * gets a loop of its own with everything inlined. What a scheme needs to know about the row comes in the vectors `a` to `e`,
 * the number `n` and the pointers `p` and `q`; each scheme's functions give them names.
 */
import { Affine, affineCode, affineLevel, affineValue } from './affine';
import { Binary, binaryLevel, signCode } from './binary';
import { storeCode, storeCodes16, storeValues16 } from './codes';
import { Given } from './given';
import { FLUSH, greatest, magnitude, max4, sum16 } from './lanes';
import { Log, logCode, logLevel } from './log';
import { Minifloat, minifloatCode, minifloatLevel } from './minifloat';
import { scaled } from './scaled';
import { Stochastic, stochasticLevel } from './stochastic';
import { LargeTable, largeTableLevel, SmallTable, smallTableLevel, tableValue } from './table';

/** Where a weight goes, in the form that suits the scheme; `at` is its place in the row. */
function levelOf<S>(x: v128, at: i32, a: v128, b: v128, c: v128, d: v128, n: i32, p: usize): v128 {
  if (idof<S>() == idof<Affine>()) return affineLevel(x, a, b, c, d);
  if (idof<S>() == idof<Log>()) return logLevel(x, a, b, c);
  if (idof<S>() == idof<Minifloat>()) return minifloatLevel(x, a, b, c, d, n);
  if (idof<S>() == idof<SmallTable>()) return smallTableLevel(x, a, n, p);
  if (idof<S>() == idof<LargeTable>()) return largeTableLevel(x, a, n, p);
  if (idof<S>() == idof<Stochastic>()) return stochasticLevel(x, at, a, b, c);
  if (idof<S>() == idof<Given>()) return v128.load(p + ((<usize>at) << 2));
  return binaryLevel(x, a);
}

/** The same where only the first lane holds a weight: nothing is read beyond the row. */
function restLevelOf<S>(x: v128, at: i32, a: v128, b: v128, c: v128, d: v128, n: i32, p: usize): v128 {
  if (idof<S>() == idof<Given>()) return v128.load32_zero(p + ((<usize>at) << 2));
  return levelOf<S>(x, at, a, b, c, d, n, p);
}

/** The quantized weight, float32. */
function valueOf<S>(level: v128, a: v128, b: v128, q: usize): v128 {
  if (idof<S>() == idof<Affine>()) return affineValue(level, a, b);
  if (idof<S>() == idof<Minifloat>()) return scaled(level, a);
  if (idof<S>() == idof<SmallTable>() || idof<S>() == idof<LargeTable>()) return tableValue(level, a, q);
  return level;
}

/** The code, in the low bits. */
function codeOf<S>(level: v128, b: v128, c: v128, d: v128, e: v128, n: i32): v128 {
  if (idof<S>() == idof<Affine>()) return affineCode(level);
  if (idof<S>() == idof<Log>()) return logCode(level, b, d);
  if (idof<S>() == idof<Minifloat>()) return minifloatCode(level, c, d, e, n);
  if (idof<S>() == idof<Binary>() || idof<S>() == idof<Stochastic>()) return signCode(level);
  return level;
}

/** Quantizes row `r`; the pointers are those of the first row, as in `Kernel`. */
export function quantizeRow<S>(
  r: i32,
  src: usize,
  cols: i32,
  codes: usize,
  codeBytes: i32,
  values: usize,
  stats: usize,
  a: v128,
  b: v128 = i32x4.splat(0),
  c: v128 = i32x4.splat(0),
  d: v128 = i32x4.splat(0),
  e: v128 = i32x4.splat(0),
  n: i32 = 0,
  p: usize = 0,
  q: usize = 0,
): void {
  const first = <usize>r * cols;
  src += first << 2;
  if (codes) codes += first * codeBytes;
  if (values) values += first << 2;
  const zero = f32x4.splat(0);
  let noise: f64 = 0;
  let signal: f64 = 0;
  let most = zero;
  const groups = cols & ~15;
  let i = 0;
  while (i < groups) {
    const end = min(i + FLUSH, groups);
    let n0 = zero;
    let n1 = zero;
    let n2 = zero;
    let n3 = zero;
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    for (; i < end; i += 16, src += 64) {
      const x0 = v128.load(src);
      const x1 = v128.load(src, 16);
      const x2 = v128.load(src, 32);
      const x3 = v128.load(src, 48);
      const l0 = levelOf<S>(x0, i, a, b, c, d, n, p);
      const l1 = levelOf<S>(x1, i + 4, a, b, c, d, n, p);
      const l2 = levelOf<S>(x2, i + 8, a, b, c, d, n, p);
      const l3 = levelOf<S>(x3, i + 12, a, b, c, d, n, p);
      const v0 = valueOf<S>(l0, a, b, q);
      const v1 = valueOf<S>(l1, a, b, q);
      const v2 = valueOf<S>(l2, a, b, q);
      const v3 = valueOf<S>(l3, a, b, q);
      const e0 = f32x4.sub(x0, v0);
      const e1 = f32x4.sub(x1, v1);
      const e2 = f32x4.sub(x2, v2);
      const e3 = f32x4.sub(x3, v3);
      n0 = f32x4.add(n0, f32x4.mul(e0, e0));
      n1 = f32x4.add(n1, f32x4.mul(e1, e1));
      n2 = f32x4.add(n2, f32x4.mul(e2, e2));
      n3 = f32x4.add(n3, f32x4.mul(e3, e3));
      s0 = f32x4.add(s0, f32x4.mul(v0, v0));
      s1 = f32x4.add(s1, f32x4.mul(v1, v1));
      s2 = f32x4.add(s2, f32x4.mul(v2, v2));
      s3 = f32x4.add(s3, f32x4.mul(v3, v3));
      most = greatest(most, magnitude(e0), magnitude(e1), magnitude(e2), magnitude(e3));
      if (codes) {
        const c0 = codeOf<S>(l0, b, c, d, e, n);
        const c1 = codeOf<S>(l1, b, c, d, e, n);
        const c2 = codeOf<S>(l2, b, c, d, e, n);
        const c3 = codeOf<S>(l3, b, c, d, e, n);
        storeCodes16(codes + <usize>i * codeBytes, codeBytes, c0, c1, c2, c3);
      }
      if (values) storeValues16(values + ((<usize>i) << 2), v0, v1, v2, v3);
    }
    noise += sum16(n0, n1, n2, n3);
    signal += sum16(s0, s1, s2, s3);
  }
  // The rest goes through the same vectors, one element in the first lane.
  for (; i < cols; i++, src += 4) {
    const x = v128.load32_zero(src);
    const level = restLevelOf<S>(x, i, a, b, c, d, n, p);
    const value = valueOf<S>(level, a, b, q);
    const error = f32x4.sub(x, value);
    noise += <f64>f32x4.extract_lane(f32x4.mul(error, error), 0);
    signal += <f64>f32x4.extract_lane(f32x4.mul(value, value), 0);
    most = f32x4.replace_lane(most, 0, f32x4.extract_lane(f32x4.pmax(most, magnitude(error)), 0));
    if (codes) storeCode(codes + <usize>i * codeBytes, codeBytes, codeOf<S>(level, b, c, d, e, n));
    if (values) v128.store32_lane(values + ((<usize>i) << 2), value, 0);
  }
  stats += <usize>r * 24;
  store<f64>(stats, noise);
  store<f64>(stats, signal, 8);
  store<f64>(stats, <f64>max4(most), 16);
}
