/** Stores 16 codes of one or two bytes each: the low bits of the int32 lanes. */
export function storeCodes16(target: usize, bytes: i32, a: v128, b: v128, c: v128, d: v128): void {
  const low = i32x4.splat(bytes == 1 ? 0xff : 0xffff);
  const ab = i16x8.narrow_i32x4_u(v128.and(a, low), v128.and(b, low));
  const cd = i16x8.narrow_i32x4_u(v128.and(c, low), v128.and(d, low));
  if (bytes == 1) {
    v128.store(target, i8x16.narrow_i16x8_u(ab, cd));
  } else {
    v128.store(target, ab);
    v128.store(target, cd, 16);
  }
}

/** Stores the first lane's code. */
export function storeCode(target: usize, bytes: i32, code: v128): void {
  if (bytes == 1) v128.store8_lane(target, code, 0);
  else v128.store16_lane(target, code, 0);
}

/** Stores 16 float32 values. */
export function storeValues16(target: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(target, a);
  v128.store(target, b, 16);
  v128.store(target, c, 32);
  v128.store(target, d, 48);
}
