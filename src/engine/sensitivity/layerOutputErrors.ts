import { fitQuantizer } from '../../quant/schemes/fitQuantizer';
import { meanSquares, outputError, outputSignal, type Moments } from '../../quant/moments/outputError';
import { tapBias, tapRows } from '../../quant/moments/tapRows';
import type { LayerOutputError } from '../../core/measure/errors';
import type { SchemeId } from '../../core/scheme/scheme';
import { quantizingSpec } from '../weights/measureScheme';
import { weightCount } from '../weights/Weight';
import type { WeightPasses } from '../weights/WeightPasses';
import type { WeightKernel } from '../weights/WeightKernel';
import type { Pause } from '../../base/pauses';

/** A weight with what its layer's outputs follow from. */
export interface MeasuredLayer {
  readonly passes: WeightPasses;
  /** Of what the layer reads. */
  readonly moments: Moments;
  /** Matrices in the weight, see `tapRows`; null if it is one for each group. */
  readonly taps: number | null;
  /** One number for each output channel. */
  readonly bias: Float32Array | null;
}

/**
 * Layer output error of a weight under some schemes, from second moments of its inputs.
 * @throws UserError if moments and weight do not fit
 */
export async function layerOutputErrors(
  weightKernel: WeightKernel,
  { passes, moments, taps, bias }: MeasuredLayer,
  schemes: readonly SchemeId[],
  pause: Pause,
): Promise<Record<SchemeId, LayerOutputError>> {
  const rows = new Float32Array(weightCount(passes.weight));
  for (const block of passes.blocks()) rows.set(weightKernel.weights(block), block.row * block.cols);
  const { groups, perGroup } = moments;
  const outputs = () => (taps === null ? rows : tapRows(rows, groups, perGroup, taps));
  const signal = outputSignal(outputs(), bias && taps !== null ? tapBias(bias, taps) : bias, moments);
  const errors: Record<SchemeId, LayerOutputError> = {};
  for (const scheme of schemes) {
    const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
    for (const block of passes.blocks()) {
      weightKernel.quantize(block, quantizer, { values: true });
      const [weights, values] = [weightKernel.weights(block), weightKernel.values(block)];
      const start = block.row * block.cols;
      for (let i = 0; i < values.length; i++) rows[start + i] = values[i]! - weights[i]!;
    }
    // Of weights that are all kept, outputs are as well, whatever the layer reads.
    errors[scheme] = rows.every((error) => error === 0)
      ? { sqnrDb: 'exact', exact: true }
      : outputError(signal, meanSquares(outputs(), moments), moments);
    await pause();
  }
  return errors;
}
