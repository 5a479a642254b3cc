/** What is known of the weights before quantizing them: least, greatest, sum of magnitudes, sum of squares, per row. */
export interface RowStats {
  /** Weights in each row. */
  readonly cols: number;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sumAbs: Float64Array;
  readonly sumSquares: Float64Array;
}

/** The statistics of all rows as if they were one. */
export function wholeTensor(stats: RowStats): RowStats {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return {
    cols: stats.cols * stats.min.length,
    min: Float64Array.of(stats.min.reduce((a, b) => Math.min(a, b), Infinity)),
    max: Float64Array.of(stats.max.reduce((a, b) => Math.max(a, b), -Infinity)),
    sumAbs: Float64Array.of(sum(stats.sumAbs)),
    sumSquares: Float64Array.of(sum(stats.sumSquares)),
  };
}

/** Largest magnitude of row `row`. */
export function absMax(stats: RowStats, row: number): number {
  return Math.max(-stats.min[row]!, stats.max[row]!, 0);
}
