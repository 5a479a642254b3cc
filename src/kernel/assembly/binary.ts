import { store16, storeValues16 } from './codes';
import { FLUSH, greater, max16, sum16 } from './lanes';

const SIGN: i32 = <i32>0x80000000;

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
    binaryRow(src, cols, load<f32>(scales), codes, values, stats);
    src += (<usize>cols) << 2;
    scales += 4;
    if (codes) codes += cols;
    if (values) values += (<usize>cols) << 2;
    stats += 24;
  }
}

function binaryRow(src: usize, cols: i32, scale: f32, codes: usize, values: usize, stats: usize): void {
  const s = f32x4.splat(scale),
    zero = f32x4.splat(0),
    sign = i32x4.splat(SIGN),
    one = i32x4.splat(1);
  let m0 = zero,
    m1 = zero,
    m2 = zero,
    m3 = zero;
  let noise: f64 = 0,
    quantized: f64 = 0;
  const groups = cols & ~15;
  let i = 0;
  while (i < groups) {
    const end = min(i + FLUSH, groups);
    let n0 = zero,
      n1 = zero,
      n2 = zero,
      n3 = zero;
    let p0 = zero,
      p1 = zero,
      p2 = zero,
      p3 = zero;
    for (; i < end; i += 16, src += 64) {
      const x0 = v128.load(src),
        x1 = v128.load(src, 16),
        x2 = v128.load(src, 32),
        x3 = v128.load(src, 48);
      const b0 = f32x4.lt(x0, zero),
        b1 = f32x4.lt(x1, zero),
        b2 = f32x4.lt(x2, zero),
        b3 = f32x4.lt(x3, zero);
      const v0 = v128.or(s, v128.and(b0, sign)),
        v1 = v128.or(s, v128.and(b1, sign));
      const v2 = v128.or(s, v128.and(b2, sign)),
        v3 = v128.or(s, v128.and(b3, sign));
      const e0 = f32x4.sub(x0, v0),
        e1 = f32x4.sub(x1, v1),
        e2 = f32x4.sub(x2, v2),
        e3 = f32x4.sub(x3, v3);
      n0 = f32x4.add(n0, f32x4.mul(e0, e0));
      n1 = f32x4.add(n1, f32x4.mul(e1, e1));
      n2 = f32x4.add(n2, f32x4.mul(e2, e2));
      n3 = f32x4.add(n3, f32x4.mul(e3, e3));
      p0 = f32x4.add(p0, f32x4.mul(v0, v0));
      p1 = f32x4.add(p1, f32x4.mul(v1, v1));
      p2 = f32x4.add(p2, f32x4.mul(v2, v2));
      p3 = f32x4.add(p3, f32x4.mul(v3, v3));
      m0 = f32x4.pmax(m0, f32x4.abs(e0));
      m1 = f32x4.pmax(m1, f32x4.abs(e1));
      m2 = f32x4.pmax(m2, f32x4.abs(e2));
      m3 = f32x4.pmax(m3, f32x4.abs(e3));
      if (codes) {
        store16(
          codes + i,
          v128.andnot(one, b0),
          v128.andnot(one, b1),
          v128.andnot(one, b2),
          v128.andnot(one, b3),
        );
      }
      if (values) storeValues16(values + ((<usize>i) << 2), v0, v1, v2, v3);
    }
    noise += sum16(n0, n1, n2, n3);
    quantized += sum16(p0, p1, p2, p3);
  }
  let most = max16(m0, m1, m2, m3);
  for (; i < cols; i++, src += 4) {
    const x = load<f32>(src),
      negative = x < 0,
      v = negative ? -scale : scale;
    const e = x - v;
    noise += <f64>(e * e);
    quantized += <f64>(v * v);
    most = greater(most, abs(e));
    if (codes) store<u8>(codes + i, negative ? 0 : 1);
    if (values) store<f32>(values + ((<usize>i) << 2), v);
  }
  store<f64>(stats, noise);
  store<f64>(stats, quantized, 8);
  store<f64>(stats, <f64>most, 16);
}
