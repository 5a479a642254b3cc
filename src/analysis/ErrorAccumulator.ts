import type { WeightError } from '../shared/measures';
import type { Quantizer } from '../quant/Quantizer';
import type { RowStats } from '../quant/RowStats';
import { storageBytes } from '../quant/storage';
import { weightError } from '../quant/weightError';

/** Errors of one quantizer, summed over blocks. */
export class ErrorAccumulator {
  private noise = 0;
  private quantized = 0;
  private maxAbs = 0;

  /** @param stats what `Workbench.quantize` returns */
  add(stats: Float64Array): void {
    for (let i = 0; i < stats.length; i += 3) {
      this.noise += stats[i]!;
      this.quantized += stats[i + 1]!;
      this.maxAbs = Math.max(this.maxAbs, stats[i + 2]!);
    }
  }

  /** @param stats of the same weight */
  result(stats: RowStats, quantizer: Quantizer): WeightError {
    const { noise, quantized, maxAbs } = this;
    const weights = stats.cols * stats.min.length;
    const signal = stats.sumSquares.reduce((sum, value) => sum + value, 0);
    return weightError({ weights, signal, noise, quantized, maxAbs }, storageBytes(quantizer, weights));
  }
}
