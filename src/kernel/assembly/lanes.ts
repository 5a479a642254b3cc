/**
 * Sums and extremes over 16 lanes, held in four vectors. The order of every float32 addition is part of the kernel's
 * contract: the TypeScript twin follows it to the last bit.
 */

/** Elements of a row that pass before the float32 lanes are added to the float64 total: 64 additions a lane lose little. */
export const FLUSH: i32 = 1024;

/** Lane 0 to 15 in order, in float64. */
// @ts-ignore: decorator
@inline
export function sum16(a: v128, b: v128, c: v128, d: v128): f64 {
  return sum4(sum4(sum4(sum4(0, a), b), c), d);
}

// @ts-ignore: decorator
@inline
function sum4(total: f64, lanes: v128): f64 {
  total += <f64>f32x4.extract_lane(lanes, 0);
  total += <f64>f32x4.extract_lane(lanes, 1);
  total += <f64>f32x4.extract_lane(lanes, 2);
  return total + <f64>f32x4.extract_lane(lanes, 3);
}

/** The greatest lane; NaN is passed over, and the accumulator comes first in every comparison. */
// @ts-ignore: decorator
@inline
export function max16(a: v128, b: v128, c: v128, d: v128): f32 {
  return max4(max4(max4(max4(f32x4.extract_lane(a, 0), a), b), c), d);
}

// @ts-ignore: decorator
@inline
function max4(most: f32, lanes: v128): f32 {
  most = greater(most, f32x4.extract_lane(lanes, 0));
  most = greater(most, f32x4.extract_lane(lanes, 1));
  most = greater(most, f32x4.extract_lane(lanes, 2));
  return greater(most, f32x4.extract_lane(lanes, 3));
}

/** As f32x4.pmax: the first unless the second is greater. */
// @ts-ignore: decorator
@inline
export function greater(a: f32, b: f32): f32 {
  return a < b ? b : a;
}

/** As f32x4.pmin: the first unless the second is less. */
// @ts-ignore: decorator
@inline
export function lesser(a: f32, b: f32): f32 {
  return b < a ? b : a;
}
