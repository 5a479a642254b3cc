/** 2^112: takes a half's exponent bias of 15 to float32's 127, for subnormals too. */
const REBIAS: f32 = 5192296858534827628530496329220096.0;

export function halfToFloat(src: usize, dst: usize, count: i32): void {
  const magnitude = i32x4.splat(0x7fff),
    sign = i32x4.splat(0x8000),
    exponent = i32x4.splat(0x7c00);
  const rebias = f32x4.splat(REBIAS),
    infinity = i32x4.splat(0x7f800000);
  let i = 0;
  for (; i <= count - 4; i += 4, src += 8, dst += 16) {
    const half = v128.load_ext<u16>(src);
    const finite = f32x4.mul(i32x4.shl(v128.and(half, magnitude), 13), rebias);
    const special = i32x4.eq(v128.and(half, exponent), exponent);
    const value = v128.or(finite, v128.and(special, infinity));
    v128.store(dst, v128.or(value, i32x4.shl(v128.and(half, sign), 16)));
  }
  for (; i < count; i++, src += 2, dst += 4) {
    const half = <i32>load<u16>(src);
    let bits = reinterpret<i32>(reinterpret<f32>((half & 0x7fff) << 13) * REBIAS);
    if ((half & 0x7c00) == 0x7c00) bits |= 0x7f800000;
    store<i32>(dst, bits | ((half & 0x8000) << 16));
  }
}

export function bfloatToFloat(src: usize, dst: usize, count: i32): void {
  let i = 0;
  for (; i <= count - 4; i += 4, src += 8, dst += 16) v128.store(dst, i32x4.shl(v128.load_ext<u16>(src), 16));
  for (; i < count; i++, src += 2, dst += 4) store<u32>(dst, (<u32>load<u16>(src)) << 16);
}

export function doubleToFloat(src: usize, dst: usize, count: i32): void {
  let i = 0;
  for (; i <= count - 2; i += 2, src += 16, dst += 8) {
    v128.store64_lane(dst, f32x4.demote_f64x2_zero(v128.load(src)), 0);
  }
  if (i < count) store<f32>(dst, <f32>load<f64>(src));
}
