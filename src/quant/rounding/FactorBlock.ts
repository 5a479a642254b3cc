/** The factors of one block of the moments, whose inputs are put in order. */
export interface FactorBlock {
  /** Index of the block's first input within its group. */
  readonly start: number;
  /** Inputs in it. */
  readonly count: number;
  /** The input at each position, counted from `start`; rounding goes from the last position to the first. */
  readonly order: Int32Array;
  /** [count][count]: V, upper triangular; what is right of the diagonal counts, on which are ones. */
  readonly shares: Float32Array;
  /** P: the weight of what is left of the error at each position. */
  readonly pivots: Float64Array;
  /** Added to the diagonal. */
  readonly damping: number;
}
