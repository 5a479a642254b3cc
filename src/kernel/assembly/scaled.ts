/** number * scale, zero as +0: what is a negative zero, or gets too small, loses its sign. */
export function scaled(number: v128, scale: v128): v128 {
  return f32x4.add(f32x4.mul(number, scale), f32x4.splat(0));
}
