/** Square tiles of this many elements keep both sides of a transposition in the cache. */
const TILE: i32 = 16;

export function channelMajor(src: usize, dst: usize, outer: i32, channels: i32, inner: i32): void {
  if (inner == 1) {
    transpose(src, dst, outer, channels);
    return;
  }
  const run = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < channels; c++) {
      memory.copy(dst + (<usize>c * outer + o) * run, src, run);
      src += run;
    }
  }
}

/** [rows, cols] to [cols, rows]. */
function transpose(src: usize, dst: usize, rows: i32, cols: i32): void {
  for (let r0 = 0; r0 < rows; r0 += TILE) {
    const r1 = min(r0 + TILE, rows);
    for (let c0 = 0; c0 < cols; c0 += TILE) {
      const c1 = min(c0 + TILE, cols);
      for (let c = c0; c < c1; c++) {
        for (let r = r0; r < r1; r++) {
          const from = src + ((<usize>r * cols + c) << 2);
          store<f32>(dst + ((<usize>c * rows + r) << 2), load<f32>(from));
        }
      }
    }
  }
}
