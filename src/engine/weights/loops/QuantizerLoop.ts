import type { Quantizer } from '../../../quant/Quantizer';
import type { Block, KernelWorkspace } from '../Block';

/** Where results go in the kernel's memory; 0 for codes or values that are not wanted. */
export interface Results {
  readonly codes: number;
  readonly values: number;
  readonly stats: number;
}

/** The kernel's loop for one kind of quantizer: what the kind is beside it, `quant/quantizers` says. */
export interface QuantizerLoop<Q extends Quantizer> {
  /** Quantizes a block: values and codes of each weight, statistics of each row or, where rows have several groups, of each group. */
  apply(workspace: KernelWorkspace, block: Block, quantizer: Q, results: Results): void;
  /** Codes of so many weights. */
  codeLength(quantizer: Q, weights: number): number;
}
