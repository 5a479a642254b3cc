import type { Quantizer } from '../../quant/Quantizer';
import { entropy } from '../../quant/weightError';
import type { WeightKernel } from './WeightKernel';
import type { Block } from './Block';

/** How often each code occurs; of vectors, in each of their parts. */
export class CodeCounts {
  private readonly counts: Uint32Array[];

  constructor(private readonly quantizer: Quantizer) {
    const tables = quantizer.kind === 'vector' ? quantizer.parts : 1;
    this.counts = Array.from({ length: tables }, () => new Uint32Array(quantizer.bits > 8 ? 65_536 : 256));
  }

  /** Adds a block whose codes the workbench holds. */
  add(weightKernel: WeightKernel, block: Block): void {
    const { quantizer, counts } = this;
    if (quantizer.kind !== 'vector') {
      weightKernel.tally(block, quantizer, 0, block.rows * block.cols, counts[0]!, null);
      return;
    }
    const codes = weightKernel.codes(block, quantizer);
    for (let i = 0; i < codes.length; i++) counts[i % quantizer.parts]![codes[i]!]!++;
  }

  /** Bytes that a perfect entropy coder would need for all codes together. */
  entropyBytes(): number {
    return this.counts.reduce((bits, counts) => bits + entropy(counts), 0) / 8;
  }
}
