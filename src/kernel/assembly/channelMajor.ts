import { copy } from './copy';

export function channelMajor(src: usize, dst: usize, outer: i32, channels: i32, inner: i32): void {
  if (inner == 1) {
    transpose(src, dst, outer, channels);
    return;
  }
  // A run is often the 9 weights of a filter.
  const run = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < channels; c++) {
      copy(dst + (<usize>c * outer + o) * run, src, run);
      src += run;
    }
  }
}

/** Square tiles of this many elements keep both sides of a transposition in the cache. */
const TILE: i32 = 16;

/** [rows, cols] to [cols, rows]. */
function transpose(src: usize, dst: usize, rows: i32, cols: i32): void {
  for (let r = 0; r < rows; r += TILE) {
    const r1 = min(r + TILE, rows);
    for (let c = 0; c < cols; c += TILE) {
      transposeTile(src, dst, rows, cols, r, r1, c, min(c + TILE, cols));
    }
  }
}

function transposeTile(
  src: usize,
  dst: usize,
  rows: i32,
  cols: i32,
  r0: i32,
  r1: i32,
  c0: i32,
  c1: i32,
): void {
  let r = r0;
  for (; r + 4 <= r1; r += 4) {
    let c = c0;
    for (; c + 4 <= c1; c += 4) {
      transpose4(at(src, r, c, cols), (<usize>cols) << 2, at(dst, c, r, rows), (<usize>rows) << 2);
    }
    for (; c < c1; c++) {
      for (let k = r; k < r + 4; k++) store<u32>(at(dst, c, k, rows), load<u32>(at(src, k, c, cols)));
    }
  }
  for (; r < r1; r++) {
    for (let c = c0; c < c1; c++) store<u32>(at(dst, c, r, rows), load<u32>(at(src, r, c, cols)));
  }
}

function at(matrix: usize, row: i32, col: i32, cols: i32): usize {
  return matrix + ((<usize>row * cols + col) << 2);
}

/** Four by four elements; steps are the bytes from one row to the next. */
function transpose4(src: usize, srcStep: usize, dst: usize, dstStep: usize): void {
  const a = v128.load(src);
  const b = v128.load(src + srcStep);
  const c = v128.load(src + 2 * srcStep);
  const d = v128.load(src + 3 * srcStep);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(dst, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(dst + dstStep, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(dst + 2 * dstStep, v128.shuffle<i64>(AB, CD, 0, 2));
  v128.store(dst + 3 * dstStep, v128.shuffle<i64>(AB, CD, 1, 3));
}
