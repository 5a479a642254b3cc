import type { LayerView } from '../../core/measure/layerView';
import type { VectorQuantizer } from '../../quant/Quantizer';
import type { WeightPasses } from './WeightPasses';
import type { WeightKernel } from './WeightKernel';

/** A scatter of more points is a blot. */
const MAX_PAIRS = 4096;

/** The picture of a vector quantizer in the plane: pairs of weights, evenly chosen, and its codebook; null unless vectors are pairs. */
export function vectorPairs(
  weightKernel: WeightKernel,
  passes: WeightPasses,
  { dimension, parts, codebooks }: VectorQuantizer,
): LayerView['vectors'] {
  if (dimension !== 2 || parts !== 1) return null;
  const total = Math.floor((passes.rows * passes.cols) / 2);
  const step = Math.max(1, Math.ceil(total / MAX_PAIRS));
  const pairs = new Float32Array(Math.ceil(total / step) * 2);
  for (const block of passes.blocks()) {
    const weights = weightKernel.weights(block);
    const first = (block.row * block.cols) / 2;
    for (let i = Math.ceil(first / step); i * step < first + Math.floor(weights.length / 2); i++) {
      const at = (i * step - first) * 2;
      pairs.set(weights.subarray(at, at + 2), i * 2);
    }
  }
  return { pairs, codebook: codebooks };
}
