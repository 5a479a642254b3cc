import type { Granularity } from '../core/scheme/SchemeSpec';
import type { GroupStats } from './GroupStats';
import type { Groups } from './Groups';
import type { Quantizer, TableQuantizer } from './Quantizer';

/**
 * A weight matrix as the fit of a quantizer sees it (rows are output channels). Each question is a pass over the weights by the kernel;
 * the answers fit in memory whatever the weight's size.
 */
export interface WeightSource {
  readonly rows: number;
  readonly cols: number;
  /** Least, greatest and sums of each group. */
  stats(granularity: Granularity): GroupStats;
  /** Squared error of each of the quantizer's groups. */
  noise(quantizer: Quantizer): Float64Array;
  /** Counts of weights in evenly wide bins from `lo` to `hi`; weights outside count in the bins at the ends. */
  histogram(lo: number, hi: number, bins: number): Uint32Array;
  /** Calls back with the weights of each group, in order. Not for one group that is the whole tensor. The array is reused. */
  eachGroup(groups: Groups, visit: (group: number, weights: Float32Array) => void): void;
  /** Sum and number of the weights at each level of a table: [tables][count]. */
  codeSums(quantizer: TableQuantizer): { readonly sums: Float64Array; readonly counts: Uint32Array };
  /**
   * Finds for part `part` of every vector the nearest entry of `codebook` [entries][dimension / parts].
   * @returns the squared distances together, and per entry the sums [entries][dimension / parts] and number of its vectors
   */
  nearestEntries(
    shape: { readonly dimension: number; readonly parts: number; readonly part: number },
    codebook: Float32Array,
    entries: number,
  ): { readonly distortion: number; readonly sums: Float64Array; readonly counts: Uint32Array };
}
