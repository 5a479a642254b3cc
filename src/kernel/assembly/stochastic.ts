import { quantizeRow } from './quantizeRow';

const SIGN: i32 = i32.MIN_VALUE;
/** 2^32 divided by the golden ratio: keeps seed 0 from being the key 0. */
const GOLDEN: i32 = 0x9e3779b9;
/** Of 32 random bits, float32 holds 24. */
const CHANCE_UNIT: f32 = 1.0 / 16777216.0;

/** The sign by chance. The level of a weight is its quantized value. */
export class Stochastic {}

export function stochasticRows(
  src: usize,
  rows: i32,
  cols: i32,
  scales: usize,
  seed: i32,
  first: i32,
  codes: usize,
  values: usize,
  stats: usize,
): void {
  const key = scramble(i32x4.splat(seed ^ GOLDEN));
  for (let r = 0; r < rows; r++) {
    const scale = v128.load32_splat(scales + ((<usize>r) << 2));
    const index = i32x4.add(i32x4.splat(first + r * cols), i32x4(0, 1, 2, 3));
    quantizeRow<Stochastic>(r, src, cols, codes, 1, values, stats, scale, key, index);
  }
}

/** `at` is the first lane's place in the row, `index` the numbers of the row's first four elements. */
export function stochasticLevel(x: v128, at: i32, scale: v128, key: v128, index: v128): v128 {
  const random = scramble(v128.xor(i32x4.add(index, i32x4.splat(at)), key));
  const chance = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(random, 8)), f32x4.splat(CHANCE_UNIT));
  const probability = f32x4.mul(f32x4.add(f32x4.div(x, scale), f32x4.splat(1)), f32x4.splat(0.5));
  // No chance is below 0 or a probability that is not a number, all are below 1: nothing is left to clamp.
  const positive = f32x4.lt(chance, probability);
  return v128.or(scale, v128.andnot(i32x4.splat(SIGN), positive));
}

/** A one-to-one map of the 32-bit numbers in which every bit depends on all: C. Wellons' "lowbias32". */
function scramble(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}
