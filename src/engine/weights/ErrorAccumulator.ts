import type { WeightError } from '../../core/measure/errors';
import type { GroupStats } from '../../quant/GroupStats';
import type { Quantizer } from '../../quant/Quantizer';
import { sideBytes, storageBytes } from '../../quant/schemes/storage';
import { weightError } from '../../quant/weightError';
import { CodeCounts } from './CodeCounts';
import { type WeightKernel } from './WeightKernel';
import { ERROR_STATS } from './errorStats';
import type { Block } from './Block';

/** Errors of one quantizer, summed over blocks. */
export class ErrorAccumulator {
  private noise = 0;
  private quantized = 0;
  private maxAbs = 0;
  private readonly codes: CodeCounts;

  constructor(private readonly quantizer: Quantizer) {
    this.codes = new CodeCounts(quantizer);
  }

  /**
   * Adds a block whose codes the workbench holds.
   * @param stats what `WeightKernel.quantize` returned for it
   */
  add(weightKernel: WeightKernel, block: Block, stats: Float64Array): void {
    for (let i = 0; i < stats.length; i += ERROR_STATS) {
      this.noise += stats[i]!;
      this.quantized += stats[i + 1]!;
      this.maxAbs = Math.max(this.maxAbs, stats[i + 2]!);
    }
    this.codes.add(weightKernel, block);
  }

  /** @param stats of the same weight, by whatever groups */
  result(stats: GroupStats): WeightError {
    const { noise, quantized, maxAbs, quantizer } = this;
    const weights = stats.groups.cols * stats.groups.rows;
    const signal = stats.sumSquares.reduce((sum, value) => sum + value, 0);
    const entropyBytes = this.codes.entropyBytes() + sideBytes(quantizer);
    const sums = { weights, signal, noise, quantized, maxAbs };
    return weightError(sums, storageBytes(quantizer), entropyBytes);
  }
}
