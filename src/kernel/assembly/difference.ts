import { greater, max16 } from './lanes';

export function maxAbsDifference(a: usize, b: usize, count: i32): f32 {
  let m0 = f32x4.splat(0),
    m1 = m0,
    m2 = m0,
    m3 = m0;
  let i = 0;
  for (; i <= count - 16; i += 16, a += 64, b += 64) {
    m0 = f32x4.pmax(m0, f32x4.abs(f32x4.sub(v128.load(a), v128.load(b))));
    m1 = f32x4.pmax(m1, f32x4.abs(f32x4.sub(v128.load(a, 16), v128.load(b, 16))));
    m2 = f32x4.pmax(m2, f32x4.abs(f32x4.sub(v128.load(a, 32), v128.load(b, 32))));
    m3 = f32x4.pmax(m3, f32x4.abs(f32x4.sub(v128.load(a, 48), v128.load(b, 48))));
  }
  let most = max16(m0, m1, m2, m3);
  for (; i < count; i++, a += 4, b += 4) most = greater(most, abs(load<f32>(a) - load<f32>(b)));
  return most;
}
