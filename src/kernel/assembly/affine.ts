import { store16, storeValues16 } from './codes';
import { FLUSH, greater, lesser, max16, sum16 } from './lanes';

export function affineRows(
  src: usize, rows: i32, cols: i32,
  scales: usize, zeroPoints: usize, qmin: i32, qmax: i32,
  codes: usize, values: usize, stats: usize,
): void {
  for (let r = 0; r < rows; r++) {
    affineRow(src, cols, load<f32>(scales), <f32>load<i32>(zeroPoints), <f32>qmin, <f32>qmax, codes, values, stats);
    src += <usize>cols << 2;
    scales += 4;
    zeroPoints += 4;
    if (codes) codes += cols;
    if (values) values += <usize>cols << 2;
    stats += 24;
  }
}

/** Codes as whole float32 numbers. The clamp's order makes NaN the greatest code. */
// @ts-ignore: decorator
@inline
function quantize(x: v128, scale: v128, zeroPoint: v128, lo: v128, hi: v128): v128 {
  const code = f32x4.add(f32x4.nearest(f32x4.div(x, scale)), zeroPoint);
  return f32x4.pmax(lo, f32x4.pmin(hi, code));
}

function affineRow(
  src: usize, cols: i32, scale: f32, zeroPoint: f32, qmin: f32, qmax: f32,
  codes: usize, values: usize, stats: usize,
): void {
  const s = f32x4.splat(scale), z = f32x4.splat(zeroPoint), lo = f32x4.splat(qmin), hi = f32x4.splat(qmax);
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
      const q0 = quantize(x0, s, z, lo, hi), q1 = quantize(x1, s, z, lo, hi);
      const q2 = quantize(x2, s, z, lo, hi), q3 = quantize(x3, s, z, lo, hi);
      const v0 = f32x4.mul(f32x4.sub(q0, z), s), v1 = f32x4.mul(f32x4.sub(q1, z), s);
      const v2 = f32x4.mul(f32x4.sub(q2, z), s), v3 = f32x4.mul(f32x4.sub(q3, z), s);
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
          i32x4.trunc_sat_f32x4_s(q0), i32x4.trunc_sat_f32x4_s(q1),
          i32x4.trunc_sat_f32x4_s(q2), i32x4.trunc_sat_f32x4_s(q3),
        );
      }
      if (values) storeValues16(values + (<usize>i << 2), v0, v1, v2, v3);
    }
    noise += sum16(n0, n1, n2, n3);
    quantized += sum16(p0, p1, p2, p3);
  }
  let most = max16(m0, m1, m2, m3);
  for (; i < cols; i++, src += 4) {
    const x = load<f32>(src);
    const q = greater(qmin, lesser(qmax, nearest(x / scale) + zeroPoint));
    const v = (q - zeroPoint) * scale;
    const e = x - v;
    noise += <f64>(e * e);
    quantized += <f64>(v * v);
    most = greater(most, abs(e));
    if (codes) store<u8>(codes + i, <u8>(<i32>q));
    if (values) store<f32>(values + (<usize>i << 2), v);
  }
  store<f64>(stats, noise);
  store<f64>(stats, quantized, 8);
  store<f64>(stats, <f64>most, 16);
}
