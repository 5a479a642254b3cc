import { LaneSum } from './LaneSum';

/**
 * Least, greatest, sum of magnitudes and sum of squares of a row, into `stats`.
 * @returns whether all weights are finite
 */
export function rangeRow(row: Float32Array, stats: Float64Array): boolean {
  let lo = Infinity;
  let hi = -Infinity;
  let finite = true;
  const sumAbs = new LaneSum(row.length);
  const sumSquares = new LaneSum(row.length);
  for (let i = 0; i < row.length; i++) {
    const x = row[i]!;
    if (x < lo) lo = x;
    if (x > hi) hi = x;
    if (!Number.isFinite(x)) finite = false;
    sumAbs.add(i, Math.abs(x));
    sumSquares.add(i, Math.fround(x * x));
  }
  stats.set([lo, hi, sumAbs.value, sumSquares.value]);
  return finite;
}
