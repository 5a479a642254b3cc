/** Rows that are eliminated together: they and their quotients stay in the cache while all below are reduced. */
const BLOCK: i32 = 64;

/** See `Kernel.factorize`. */
export function factorize(matrix: usize, count: i32, scratch: usize): i32 {
  const stride = (<usize>count) << 3;
  for (let first = 0; first < count; first += BLOCK) {
    const end = min(first + BLOCK, count);
    for (let j = first; j < end; j++) {
      const row = matrix + <usize>j * stride;
      const pivot = load<f64>(row + ((<usize>j) << 3));
      if (!(pivot > 0)) return 0;
      for (let i = j + 1; i < end; i++) {
        const at = (<usize>i) << 3;
        subtract(matrix + <usize>i * stride + at, row + at, load<f64>(row + at) / pivot, count - i);
      }
    }
    const rows = end - first;
    const below = (count - end + 3) & ~3;
    const quotients = scratch + <usize>below * rows * 8;
    pack(matrix, stride, first, rows, count, scratch, quotients);
    reduce(matrix, stride, end, rows, count, scratch, quotients);
  }
  return 1;
}

/** a -= share * b */
function subtract(a: usize, b: usize, share: f64, count: i32): void {
  const s = f64x2.splat(share);
  let i = 0;
  for (; i <= count - 2; i += 2, a += 16, b += 16)
    v128.store(a, f64x2.sub(v128.load(a), f64x2.mul(s, v128.load(b))));
  if (i < count) store<f64>(a, load<f64>(a) - share * load<f64>(b));
}

/** Divides the rows by their pivots; what is right of the block goes as it was to `plain`, and divided to `quotients`: [column >> 2][row][column & 3]. */
function pack(
  matrix: usize,
  stride: usize,
  first: i32,
  rows: i32,
  count: i32,
  plain: usize,
  quotients: usize,
): void {
  const end = first + rows;
  for (let j = 0; j < rows; j++) {
    const row = matrix + <usize>(first + j) * stride;
    const pivot = load<f64>(row + ((<usize>(first + j)) << 3));
    for (let k = first + j + 1; k < end; k++) {
      const at = row + ((<usize>k) << 3);
      store<f64>(at, load<f64>(at) / pivot);
    }
    for (let k = end; k < count; k++) {
      const at = row + ((<usize>k) << 3);
      const value = load<f64>(at);
      const quotient = value / pivot;
      const column = k - end;
      const to = ((<usize>(column >> 2) * rows + j) * 4 + (column & 3)) << 3;
      store<f64>(plain + to, value);
      store<f64>(quotients + to, quotient);
      store<f64>(at, quotient);
    }
  }
}

/** Subtracts from each row below the block its share of the block's rows, in their order. */
function reduce(
  matrix: usize,
  stride: usize,
  end: i32,
  rows: i32,
  count: i32,
  plain: usize,
  quotients: usize,
): void {
  const step = (<usize>rows) << 5;
  const below = count - end;
  for (let i = 0; i < below; i += 4) {
    const row = matrix + <usize>(end + i) * stride + ((<usize>(end + i)) << 3);
    const shares = quotients + <usize>(i >> 2) * step;
    let other = plain + <usize>(i >> 2) * step;
    const width = below - i;
    reducePart(row, stride, shares, other, rows, min(4, width), width, true);
    let k = 4;
    other += step;
    for (; k + 4 <= width; k += 4, other += step)
      reduceTile(row + ((<usize>k) << 3), stride, shares, other, rows);
    if (k < width) reducePart(row + ((<usize>k) << 3), stride, shares, other, rows, 4, width - k, false);
  }
}

function reduceTile(to: usize, stride: usize, a: usize, b: usize, rows: i32): void {
  const to1 = to + stride;
  const to2 = to1 + stride;
  const to3 = to2 + stride;
  let s00 = v128.load(to);
  let s01 = v128.load(to, 16);
  let s10 = v128.load(to1);
  let s11 = v128.load(to1, 16);
  let s20 = v128.load(to2);
  let s21 = v128.load(to2, 16);
  let s30 = v128.load(to3);
  let s31 = v128.load(to3, 16);
  const end = a + ((<usize>rows) << 5);
  for (; a < end; a += 32, b += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load64_splat(a);
    s00 = f64x2.sub(s00, f64x2.mul(x, b0));
    s01 = f64x2.sub(s01, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 8);
    s10 = f64x2.sub(s10, f64x2.mul(x, b0));
    s11 = f64x2.sub(s11, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 16);
    s20 = f64x2.sub(s20, f64x2.mul(x, b0));
    s21 = f64x2.sub(s21, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 24);
    s30 = f64x2.sub(s30, f64x2.mul(x, b0));
    s31 = f64x2.sub(s31, f64x2.mul(x, b1));
  }
  v128.store(to, s00);
  v128.store(to, s01, 16);
  v128.store(to1, s10);
  v128.store(to1, s11, 16);
  v128.store(to2, s20);
  v128.store(to2, s21, 16);
  v128.store(to3, s30);
  v128.store(to3, s31, 16);
}

/** A tile of which `count` rows and at most `cols` elements are there; of one on the diagonal, those from there on. */
function reducePart(
  to: usize,
  stride: usize,
  a: usize,
  b: usize,
  rows: i32,
  count: i32,
  cols: i32,
  diagonal: bool,
): void {
  for (let i = 0; i < count; i++, to += stride)
    for (let k = diagonal ? i : 0; k < min(4, cols); k++) {
      const place = to + ((<usize>k) << 3);
      let value = load<f64>(place);
      let x = a + ((<usize>i) << 3);
      let y = b + ((<usize>k) << 3);
      for (let j = 0; j < rows; j++, x += 32, y += 32) value -= load<f64>(x) * load<f64>(y);
      store<f64>(place, value);
    }
}
