/**
 * The loop that all schemes share: quantize, write what is wanted, and measure the errors, in one pass over the row.
 *
 * A scheme `S` is a class without members; comparing its id chooses the scheme's functions while compiling, so each scheme
 * gets a loop of its own with everything inlined. What a scheme needs to know about the row comes in four vectors, `a` to `d`.
 */
import { Affine, affineCode, affineLevel, affineValue } from './affine';
import { binaryCode, binaryLevel } from './binary';
import { storeCodes16, storeValues16 } from './codes';
import { FLUSH, greatest, magnitude, max4, sum16 } from './lanes';
import { Log, logCode, logLevel } from './log';

/** Where a weight goes, in the form that suits the scheme. */
function levelOf<S>(x: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  if (idof<S>() == idof<Affine>()) return affineLevel(x, a, b, c, d);
  if (idof<S>() == idof<Log>()) return logLevel(x, a, b, c);
  return binaryLevel(x, a);
}

/** The quantized weight, float32. */
function valueOf<S>(level: v128, a: v128, b: v128): v128 {
  return idof<S>() == idof<Affine>() ? affineValue(level, a, b) : level;
}

/** The code, in the low 8 bits. */
function codeOf<S>(level: v128, b: v128): v128 {
  if (idof<S>() == idof<Affine>()) return affineCode(level);
  if (idof<S>() == idof<Log>()) return logCode(level, b);
  return binaryCode(level);
}

export function quantizeRow<S>(
  src: usize,
  cols: i32,
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  codes: usize,
  values: usize,
  stats: usize,
): void {
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
      const l0 = levelOf<S>(x0, a, b, c, d);
      const l1 = levelOf<S>(x1, a, b, c, d);
      const l2 = levelOf<S>(x2, a, b, c, d);
      const l3 = levelOf<S>(x3, a, b, c, d);
      const v0 = valueOf<S>(l0, a, b);
      const v1 = valueOf<S>(l1, a, b);
      const v2 = valueOf<S>(l2, a, b);
      const v3 = valueOf<S>(l3, a, b);
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
        storeCodes16(codes + i, codeOf<S>(l0, b), codeOf<S>(l1, b), codeOf<S>(l2, b), codeOf<S>(l3, b));
      }
      if (values) storeValues16(values + ((<usize>i) << 2), v0, v1, v2, v3);
    }
    noise += sum16(n0, n1, n2, n3);
    signal += sum16(s0, s1, s2, s3);
  }
  // The rest goes through the same vectors, one element in the first lane.
  for (; i < cols; i++, src += 4) {
    const x = v128.load32_zero(src);
    const level = levelOf<S>(x, a, b, c, d);
    const value = valueOf<S>(level, a, b);
    const error = f32x4.sub(x, value);
    noise += <f64>f32x4.extract_lane(f32x4.mul(error, error), 0);
    signal += <f64>f32x4.extract_lane(f32x4.mul(value, value), 0);
    most = f32x4.replace_lane(most, 0, f32x4.extract_lane(f32x4.pmax(most, magnitude(error)), 0));
    if (codes) v128.store8_lane(codes + i, codeOf<S>(level, b), 0);
    if (values) v128.store32_lane(values + ((<usize>i) << 2), value, 0);
  }
  store<f64>(stats, noise);
  store<f64>(stats, signal, 8);
  store<f64>(stats, <f64>max4(most), 16);
}
