import { chunkEnd, inGroups, LAST_LANE, LaneSum } from './LaneSum';

/** See `Kernel.rangeRows`. */
export function rangeRows(
  { buffer }: WebAssembly.Memory,
  src: number,
  rows: number,
  cols: number,
  stats: number,
): number {
  const weights = new Float32Array(buffer, src, rows * cols);
  const results = new Float64Array(buffer, stats, rows * 4);
  const magnitudes = new LaneSum();
  const squares = new LaneSum();
  let finite = true;
  for (let r = 0; r < rows; r++) {
    finite = rangeRow(weights, r * cols, cols, magnitudes, squares, results, r * 4) && finite;
  }
  return finite ? 0 : 1;
}

/** Writes the statistics of the row from `first` on to `results` from `to` on; returns whether all its weights are finite. */
function rangeRow(
  weights: Float32Array,
  first: number,
  cols: number,
  magnitudes: LaneSum,
  squares: LaneSum,
  results: Float64Array,
  to: number,
): boolean {
  const { lanes: magnitudeLanes } = magnitudes;
  const { lanes: squareLanes } = squares;
  const groups = inGroups(cols);
  let lo = Infinity;
  let hi = -Infinity;
  // The least and the greatest pass NaN over: 0 for a finite weight, NaN else, adds up to tell.
  let zeros = 0;
  let i = 0;
  while (i < groups) {
    for (const end = chunkEnd(i, groups); i < end; i++) {
      const x = weights[first + i]!;
      if (x < lo) lo = x;
      if (x > hi) hi = x;
      zeros += x * 0;
      magnitudeLanes[i & LAST_LANE]! += Math.abs(x);
      squareLanes[i & LAST_LANE]! += Math.fround(x * x);
    }
    magnitudes.flush();
    squares.flush();
  }
  for (; i < cols; i++) {
    const x = weights[first + i]!;
    if (x < lo) lo = x;
    if (x > hi) hi = x;
    zeros += x * 0;
    magnitudes.addRest(Math.abs(x));
    squares.addRest(Math.fround(x * x));
  }
  results[to] = lo + 0;
  results[to + 1] = hi + 0;
  results[to + 2] = magnitudes.take();
  results[to + 3] = squares.take();
  return zeros === 0;
}
