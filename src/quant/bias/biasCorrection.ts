/** Bias correction: what quantization takes from the mean of a layer's outputs, its bias gives back (Nagel et al. 2019, section 4.2). */
import type { ChannelSums } from './ChannelSums';

/** The float layer's and the quantized layer's outputs on one sample. */
export interface SumsPair {
  readonly float: ChannelSums;
  readonly quantized: ChannelSums;
}

/** Mean errors of a layer's outputs, E[float] - E[quantized], channel by channel, and over how many elements. */
export interface MeanErrors {
  readonly means: Float64Array;
  readonly count: number;
}

/**
 * Mean errors over samples. One whose outputs have other sizes in the two models, as where they follow from the data, does not count; nor does one
 * with an infinity or NaN.
 * @returns null if none counts
 */
export function meanErrors(pairs: readonly SumsPair[]): MeanErrors | null {
  let totals: Float64Array | null = null;
  let count = 0;
  for (const { float, quantized } of pairs) {
    if (float.count !== quantized.count || float.sums.length !== quantized.sums.length) continue;
    const differences = float.sums.map((sum, c) => sum - quantized.sums[c]!);
    if (float.count === 0 || !differences.every(Number.isFinite)) continue;
    totals ??= new Float64Array(differences.length);
    if (totals.length !== differences.length) continue;
    for (let c = 0; c < totals.length; c++) totals[c]! += differences[c]!;
    count += float.count;
  }
  return totals && { means: totals.map((total) => total / count), count };
}

/**
 * How much the squared error of a layer's outputs grows where numbers are added to its channels; negative where it falls. Of each
 * error d, (d - a)^2 - d^2 = a^2 - 2 a d, so that the mean errors suffice.
 */
export function errorGrowth(added: Float32Array, { means, count }: MeanErrors): number {
  return means.reduce((sum, mean, c) => sum + count * added[c]! * (added[c]! - 2 * mean), 0);
}
