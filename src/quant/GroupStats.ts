import type { Groups } from './Groups';

/** Statistics of each group of weights before quantizing: least, greatest, sum of magnitudes, sum of squares, per group. */
export interface GroupStats {
  readonly groups: Groups;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sumAbs: Float64Array;
  readonly sumSquares: Float64Array;
}

/** Largest magnitude of a group. */
export function absMax(stats: GroupStats, group: number): number {
  return Math.max(-stats.min[group]!, stats.max[group]!, 0);
}

/** Largest magnitude of all. */
export function largestMagnitude(stats: GroupStats): number {
  return stats.min.reduce((most, _, group) => Math.max(most, absMax(stats, group)), 0);
}

/** Weights in a group; the last block of a row may be short. */
export function groupLength({ rows, cols, size, perRow }: Groups, group: number): number {
  if (perRow === 0) return rows * cols;
  return Math.min(size, cols - (group % perRow) * size);
}

/** The statistics of all groups as if they were one. */
export function wholeTensor(stats: GroupStats, groups: Groups): GroupStats {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return {
    groups,
    min: Float64Array.of(stats.min.reduce((a, b) => Math.min(a, b), Infinity)),
    max: Float64Array.of(stats.max.reduce((a, b) => Math.max(a, b), -Infinity)),
    sumAbs: Float64Array.of(sum(stats.sumAbs)),
    sumSquares: Float64Array.of(sum(stats.sumSquares)),
  };
}
