/** A weight's numbers in the order of its rows: output channel by output channel. */
import type { Quantizer } from '../../quant/Quantizer';
import { weightCount } from './Weight';
import type { WeightKernel } from './WeightKernel';
import type { WeightPasses } from './WeightPasses';

/** The weights as float32. */
export function weightRows(weightKernel: WeightKernel, passes: WeightPasses): Float32Array {
  const rows = new Float32Array(weightCount(passes.weight));
  for (const block of passes.blocks()) rows.set(weightKernel.weights(block), block.row * block.cols);
  return rows;
}

/** The quantized weights less the float ones. */
export function quantizationErrors(
  weightKernel: WeightKernel,
  passes: WeightPasses,
  quantizer: Quantizer,
): Float32Array {
  const errors = new Float32Array(weightCount(passes.weight));
  for (const block of passes.blocks()) {
    weightKernel.quantize(block, quantizer, { values: true });
    const [weights, values] = [weightKernel.weights(block), weightKernel.values(block)];
    const start = block.row * block.cols;
    for (let i = 0; i < values.length; i++) errors[start + i] = values[i]! - weights[i]!;
  }
  return errors;
}
