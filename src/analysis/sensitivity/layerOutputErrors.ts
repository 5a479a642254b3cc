import { fitQuantizer } from '../../quant/fitQuantizer';
import { meanSquares, outputError, outputSignal, type Moments } from '../../quant/moments/outputError';
import type { Pause } from '../../quant/WeightSource';
import type { LayerOutputError } from '../../shared/measures';
import type { SchemeId } from '../../shared/scheme';
import { quantizingSpec } from '../measureScheme';
import { weightCount } from '../Weight';
import type { WeightPasses } from '../WeightPasses';
import type { Workbench } from '../Workbench';

/**
 * Layer output error of a weight under some schemes, from second moments of its inputs.
 * @throws UserError if moments and weight do not fit
 */
export async function layerOutputErrors(
  bench: Workbench,
  passes: WeightPasses,
  schemes: readonly SchemeId[],
  moments: Moments,
  bias: Float32Array | null,
  pause: Pause,
): Promise<Record<SchemeId, LayerOutputError>> {
  const rows = new Float32Array(weightCount(passes.weight));
  for (const block of passes.blocks()) rows.set(bench.weights(block), block.row * block.cols);
  const signal = outputSignal(rows, bias, moments);
  const errors: Record<SchemeId, LayerOutputError> = {};
  for (const scheme of schemes) {
    const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
    for (const block of passes.blocks()) {
      bench.quantize(block, quantizer, { values: true });
      const [weights, values] = [bench.weights(block), bench.values(block)];
      const start = block.row * block.cols;
      for (let i = 0; i < values.length; i++) rows[start + i] = values[i]! - weights[i]!;
    }
    errors[scheme] = outputError(signal, meanSquares(rows, moments), moments.exact);
    await pause();
  }
  return errors;
}
