import { chunkEnd, LAST_LANE, LaneSum } from './LaneSum';

export function rangeRows(
  memory: WebAssembly.Memory,
  src: number,
  rows: number,
  cols: number,
  stats: number,
): number {
  let finite = true;
  for (let r = 0; r < rows; r++) {
    const row = new Float32Array(memory.buffer, src + r * cols * 4, cols);
    const result = new Float64Array(memory.buffer, stats + r * 32, 4);
    finite = rangeRow(row, result) && finite;
  }
  return finite ? 0 : 1;
}

/** Writes the statistics of one row; returns whether all its weights are finite. */
function rangeRow(row: Float32Array, stats: Float64Array): boolean {
  const magnitudes = new LaneSum();
  const squares = new LaneSum();
  const { lanes: magnitudeLanes } = magnitudes;
  const { lanes: squareLanes } = squares;
  let lo = Infinity;
  let hi = -Infinity;
  let finite = true;
  for (let start = 0, end; start < row.length; start = end) {
    end = chunkEnd(start, row.length);
    for (let i = start; i < end; i++) {
      const x = row[i]!;
      if (x < lo) lo = x;
      if (x > hi) hi = x;
      if (!Number.isFinite(x)) finite = false;
      magnitudeLanes[i & LAST_LANE]! += Math.abs(x);
      squareLanes[i & LAST_LANE]! += Math.fround(x * x);
    }
    magnitudes.flush();
    squares.flush();
  }
  stats.set([lo + 0, hi + 0, magnitudes.take(), squares.take()]);
  return finite;
}
