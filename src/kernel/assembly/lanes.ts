/**
 * Sums and extremes over the lanes of vectors. The order of every float32 addition is part of the kernel's contract: the
 * TypeScript twin follows it to the last bit.
 *
 * Small functions like these are inlined by the compiler at -O3, so they cost no calls.
 */

/** Elements of a row that pass before the float32 lanes are added to the float64 total: 64 additions a lane lose little. */
export const FLUSH: i32 = 1024;

/** All bits but the sign. */
export const MAGNITUDE: i32 = 0x7fffffff;

/** The 16 lanes added up: four vectors to one in float32, whose lanes then in order in float64. */
export function sum16(a: v128, b: v128, c: v128, d: v128): f64 {
  const lanes = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  let total = <f64>f32x4.extract_lane(lanes, 0) + <f64>f32x4.extract_lane(lanes, 1);
  total += <f64>f32x4.extract_lane(lanes, 2);
  return total + <f64>f32x4.extract_lane(lanes, 3);
}

/** The greatest lane; there must be no NaN, which `greatest` keeps out. */
export function max4(lanes: v128): f32 {
  const ab = max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1));
  return max(ab, max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)));
}

/** The least lane; there must be no NaN, which `least` keeps out. */
export function min4(lanes: v128): f32 {
  return -max4(f32x4.neg(lanes));
}

/** `most` raised to the greatest of four vectors lane by lane; a NaN among them is passed over, as pmax takes it for no greater. */
export function greatest(most: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.pmax(f32x4.pmax(f32x4.pmax(f32x4.pmax(most, a), b), c), d);
}

/** As `greatest`, for the least. */
export function least(low: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.pmin(f32x4.pmin(f32x4.pmin(f32x4.pmin(low, a), b), c), d);
}

/** |x|, by a mask: the engines' own f32x4.abs makes its mask anew each time. */
export function magnitude(x: v128): v128 {
  return v128.and(x, i32x4.splat(MAGNITUDE));
}
