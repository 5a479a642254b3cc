/** See `Kernel.quadraticForms`. */
export function quadraticForms(
  src: usize,
  rows: i32,
  stride: i32,
  count: i32,
  sums: usize,
  sumStride: i32,
  totals: usize,
): void {
  for (let r = 0; r < rows; r++, src += stride * 4, totals += 8) {
    let total: f64 = 0;
    let row = sums;
    for (let i = 0; i < count; i++, row += sumStride * 8) {
      const x = <f64>load<f32>(src + i * 4);
      if (x == 0) continue;
      const beyond = dot(row + (i + 1) * 8, src + (i + 1) * 4, count - i - 1);
      total += x * (load<f64>(row + i * 8) * x + 2 * beyond);
    }
    store<f64>(totals, load<f64>(totals) + total);
  }
}

/** Sum of a[i] * b[i]: element i of whole groups of four goes to lane i & 3. */
function dot(a: usize, b: usize, count: i32): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  let i = 0;
  for (; i <= count - 4; i += 4, a += 32, b += 16) {
    const x = v128.load(b);
    even = f64x2.add(even, f64x2.mul(v128.load(a), f64x2.promote_low_f32x4(x)));
    const upper = v128.shuffle<i32>(x, x, 2, 3, 2, 3);
    odd = f64x2.add(odd, f64x2.mul(v128.load(a, 16), f64x2.promote_low_f32x4(upper)));
  }
  const lanes = f64x2.add(even, odd);
  let sum = f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
  for (; i < count; i++, a += 8, b += 4) sum += load<f64>(a) * <f64>load<f32>(b);
  return sum;
}
