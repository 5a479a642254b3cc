import { greatest, magnitude, max4 } from './lanes';

export function maxAbsDifference(a: usize, b: usize, count: i32): f32 {
  let most = f32x4.splat(0);
  let i = 0;
  for (; i <= count - 16; i += 16, a += 64, b += 64) {
    const d0 = f32x4.sub(v128.load(a), v128.load(b));
    const d1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
    const d2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
    const d3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
    most = greatest(most, magnitude(d0), magnitude(d1), magnitude(d2), magnitude(d3));
  }
  for (; i < count; i++, a += 4, b += 4) {
    most = f32x4.pmax(most, magnitude(f32x4.sub(v128.load32_splat(a), v128.load32_splat(b))));
  }
  return max4(most);
}
