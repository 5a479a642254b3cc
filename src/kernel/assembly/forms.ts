/** Rows of d that each row of the matrix is read for at once: they stay in the cache. */
const MANY: i32 = 32;

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
  const step = (<usize>stride) << 2;
  for (let first = 0; first < rows; first += MANY) {
    const many = min(MANY, rows - first);
    let d = src + <usize>first * step;
    let row = sums;
    for (let i = 0; i < count; i++, d += 4, row += (<usize>sumStride + 1) << 3)
      addTerms(d, many, step, count - i - 1, row, totals + ((<usize>first) << 3));
  }
}

/** Adds the terms of one row of the matrix, of which `row` is the diagonal element and `count` are behind it, to the totals of some rows of d. */
function addTerms(d: usize, rows: i32, step: usize, count: i32, row: usize, totals: usize): void {
  const diagonal = load<f64>(row);
  let r = 0;
  for (; r <= rows - 4; r += 4, d += 4 * step, totals += 32)
    addFour(d, d + step, d + 2 * step, d + 3 * step, count, row + 8, diagonal, totals);
  for (; r < rows; r++, d += step, totals += 8) add(d, dot(row + 8, d + 4, count), diagonal, totals);
}

function add(d: usize, beyond: f64, diagonal: f64, total: usize): void {
  const x = <f64>load<f32>(d);
  if (x != 0) store<f64>(total, load<f64>(total) + x * (diagonal * x + 2 * beyond));
}

/** Sum of a[i] * b[i]: element i of whole groups of four goes to lane i & 3. */
function dot(a: usize, b: usize, count: i32): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  let i = 0;
  for (; i <= count - 4; i += 4, a += 32, b += 16) {
    const x = v128.load(b);
    even = f64x2.add(even, f64x2.mul(v128.load(a), f64x2.promote_low_f32x4(x)));
    odd = f64x2.add(odd, f64x2.mul(v128.load(a, 16), upper(x)));
  }
  return rest(even, odd, a, b, count - i);
}

function upper(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
}

/** The lanes' sum, and `count` products behind them. */
function rest(even: v128, odd: v128, a: usize, b: usize, count: i32): f64 {
  const lanes = f64x2.add(even, odd);
  let sum = f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
  for (let i = 0; i < count; i++, a += 8, b += 4) sum += load<f64>(a) * <f64>load<f32>(b);
  return sum;
}

/** Four rows of d side by side. */
function addFour(
  d0: usize,
  d1: usize,
  d2: usize,
  d3: usize,
  count: i32,
  row: usize,
  diagonal: f64,
  totals: usize,
): void {
  let e0 = f64x2.splat(0);
  let o0 = e0;
  let e1 = e0;
  let o1 = e0;
  let e2 = e0;
  let o2 = e0;
  let e3 = e0;
  let o3 = e0;
  const whole = count & ~3;
  const end = (<usize>whole) << 2;
  let a = row;
  for (let at: usize = 4; at <= end; at += 16, a += 32) {
    const low = v128.load(a);
    const high = v128.load(a, 16);
    let x = v128.load(d0 + at);
    e0 = f64x2.add(e0, f64x2.mul(low, f64x2.promote_low_f32x4(x)));
    o0 = f64x2.add(o0, f64x2.mul(high, upper(x)));
    x = v128.load(d1 + at);
    e1 = f64x2.add(e1, f64x2.mul(low, f64x2.promote_low_f32x4(x)));
    o1 = f64x2.add(o1, f64x2.mul(high, upper(x)));
    x = v128.load(d2 + at);
    e2 = f64x2.add(e2, f64x2.mul(low, f64x2.promote_low_f32x4(x)));
    o2 = f64x2.add(o2, f64x2.mul(high, upper(x)));
    x = v128.load(d3 + at);
    e3 = f64x2.add(e3, f64x2.mul(low, f64x2.promote_low_f32x4(x)));
    o3 = f64x2.add(o3, f64x2.mul(high, upper(x)));
  }
  const left = count - whole;
  const next = end + 4;
  add(d0, rest(e0, o0, a, d0 + next, left), diagonal, totals);
  add(d1, rest(e1, o1, a, d1 + next, left), diagonal, totals + 8);
  add(d2, rest(e2, o2, a, d2 + next, left), diagonal, totals + 16);
  add(d3, rest(e3, o3, a, d3 + next, left), diagonal, totals + 24);
}
