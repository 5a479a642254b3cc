/** See `Kernel.addOuterProducts`. Vectors are first laid out so that a tile of 4 x 4 products reads two streams. */
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
    pack(vectors + ((<usize>start) << 2), count, inputs, width, scratch);
    for (let i = 0; i < width; i += 4) {
      const row = sums + ((<usize>(start + i) * block + i) << 3);
      addRows(scratch + <usize>i * count * 8, count, width - i, weight, row, block);
    }
    start += width;
  }
}

/** Element i of vector v, as float64, goes to [i >> 2][v][i & 3]; zeros fill up the last four. */
function pack(vectors: usize, count: i32, inputs: i32, width: i32, to: usize): void {
  for (let i = 0; i < width; i += 4) {
    const some = min(4, width - i);
    let from = vectors + ((<usize>i) << 2);
    for (let v = 0; v < count; v++, from += (<usize>inputs) << 2, to += 32) {
      for (let lane = 0; lane < some; lane++)
        store<f64>(to + ((<usize>lane) << 3), <f64>load<f32>(from + ((<usize>lane) << 2)));
      for (let lane = some; lane < 4; lane++) store<f64>(to + ((<usize>lane) << 3), 0);
    }
  }
}

/** Adds the products of four elements with themselves and the `width - 4` behind them. */
function addRows(packed: usize, count: i32, width: i32, weight: f64, row: usize, block: i32): void {
  const stride = (<usize>block) << 3;
  addPart(packed, packed, count, min(4, width), width, true, weight, row, stride);
  let j = 4;
  let other = packed + <usize>count * 32;
  for (; j + 4 <= width; j += 4, other += <usize>count * 32)
    addTile(packed, other, count, weight, row + ((<usize>j) << 3), stride);
  if (j < width) addPart(packed, other, count, 4, width - j, false, weight, row + ((<usize>j) << 3), stride);
}

function addTile(a: usize, b: usize, count: i32, weight: f64, to: usize, stride: usize): void {
  let s00 = f64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const end = a + <usize>count * 32;
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
  const w = f64x2.splat(weight);
  addPair(to, w, s00, s01);
  addPair(to + stride, w, s10, s11);
  addPair(to + 2 * stride, w, s20, s21);
  addPair(to + 3 * stride, w, s30, s31);
}

function addPair(to: usize, weight: v128, low: v128, high: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.mul(weight, low)));
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.mul(weight, high)), 16);
}

/** A tile of which `rows` and at most `cols` elements count; of one on the diagonal, those from there on. */
function addPart(
  a: usize,
  b: usize,
  count: i32,
  rows: i32,
  cols: i32,
  diagonal: bool,
  weight: f64,
  to: usize,
  stride: usize,
): void {
  for (let i = 0; i < rows; i++, to += stride)
    for (let j = diagonal ? i : 0; j < min(4, cols); j++) {
      let sum: f64 = 0;
      let x = a + ((<usize>i) << 3);
      let y = b + ((<usize>j) << 3);
      for (let v = 0; v < count; v++, x += 32, y += 32) sum += load<f64>(x) * load<f64>(y);
      const place = to + ((<usize>j) << 3);
      store<f64>(place, load<f64>(place) + weight * sum);
    }
}
