/** See `Kernel.addOuterProducts`. Vectors are first laid out so that a tile of 4 x 4 products, which `scratch` begins with, reads two streams. */
export function addOuterProducts(
  vectors: usize,
  count: i32,
  inputs: i32,
  group: i32,
  block: i32,
  weight: f64,
  sums: usize,
  scratch: usize,
): void {
  for (let start = 0; start < inputs;) {
    const groupEnd = (start / group + 1) * group;
    const width = min(block, groupEnd - start);
    pack(vectors + ((<usize>start) << 2), count, inputs, width, scratch + 128);
    for (let i = 0; i < width; i += 4) {
      const row = sums + ((<usize>(start + i) * block + i) << 3);
      const packed = scratch + 128 + <usize>i * count * 8;
      addRows(packed, count, width - i, weight, row, (<usize>block) << 3, scratch);
    }
    start += width;
  }
}

/** Element i of vector v, as float64, goes to [i >> 2][v][i & 3]; zeros fill up the last four. */
function pack(vectors: usize, count: i32, inputs: i32, width: i32, to: usize): void {
  const step = (<usize>inputs) << 2;
  for (let i = 0; i < width; i += 4, vectors += 16) {
    const some = width - i;
    for (let v = 0, from = vectors; v < count; v++, from += step, to += 32) {
      let x = some >= 4 ? v128.load(from) : v128.load32_zero(from);
      if (some == 2 || some == 3) x = v128.load32_lane(from + 4, x, 1);
      if (some == 3) x = v128.load32_lane(from + 8, x, 2);
      v128.store(to, f64x2.promote_low_f32x4(x));
      v128.store(to, f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)), 16);
    }
  }
}

/** Adds the products of four elements with themselves and the `width - 4` behind them. */
function addRows(
  packed: usize,
  count: i32,
  width: i32,
  weight: f64,
  row: usize,
  stride: usize,
  tile: usize,
): void {
  multiply(packed, packed, count, tile);
  const rows = min(4, width);
  for (let i = 0; i < rows; i++) addSome(tile, i, i, rows, weight, row, stride);
  let other = packed + ((<usize>count) << 5);
  row += 32;
  for (let left = width - 4; left > 0; left -= 4, row += 32, other += (<usize>count) << 5) {
    multiply(packed, other, count, tile);
    if (left >= 4) addAll(tile, weight, row, stride);
    else for (let i = 0; i < 4; i++) addSome(tile, i, 0, left, weight, row, stride);
  }
}

/** Adds elements `from` to `end - 1` of a tile's row. */
function addSome(tile: usize, i: i32, from: i32, end: i32, weight: f64, to: usize, stride: usize): void {
  for (let j = from; j < end; j++) {
    const place = to + <usize>i * stride + ((<usize>j) << 3);
    store<f64>(place, load<f64>(place) + weight * load<f64>(tile + ((((<usize>i) << 2) + j) << 3)));
  }
}

function addAll(tile: usize, weight: f64, to: usize, stride: usize): void {
  const w = f64x2.splat(weight);
  for (let i = 0; i < 4; i++, to += stride, tile += 32) {
    v128.store(to, f64x2.add(v128.load(to), f64x2.mul(w, v128.load(tile))));
    v128.store(to, f64x2.add(v128.load(to, 16), f64x2.mul(w, v128.load(tile, 16))), 16);
  }
}

/** The sums of products of four elements with four others, [4][4]. */
function multiply(a: usize, b: usize, count: i32, tile: usize): void {
  let s00 = f64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const end = a + ((<usize>count) << 5);
  for (; a < end; a += 32, b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load64_splat(a);
    s00 = f64x2.add(s00, f64x2.mul(x, b0));
    s01 = f64x2.add(s01, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 8);
    s10 = f64x2.add(s10, f64x2.mul(x, b0));
    s11 = f64x2.add(s11, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 16);
    s20 = f64x2.add(s20, f64x2.mul(x, b0));
    s21 = f64x2.add(s21, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 24);
    s30 = f64x2.add(s30, f64x2.mul(x, b0));
    s31 = f64x2.add(s31, f64x2.mul(x, b1));
  }
  v128.store(tile, s00);
  v128.store(tile, s01, 16);
  v128.store(tile, s10, 32);
  v128.store(tile, s11, 48);
  v128.store(tile, s20, 64);
  v128.store(tile, s21, 80);
  v128.store(tile, s30, 96);
  v128.store(tile, s31, 112);
}
