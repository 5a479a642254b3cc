import { fitQuantizer } from '../../quant/schemes/fitQuantizer';
import { LayerOutput, type OutputShape } from '../../quant/moments/LayerOutput';
import type { Moments } from '../../quant/moments/outputError';
import type { LayerOutputError } from '../../core/measure/errors';
import type { SchemeId } from '../../core/scheme/scheme';
import { quantizingSpec } from '../weights/measureScheme';
import { quantizationErrors, weightRows } from '../weights/weightRows';
import type { WeightPasses } from '../weights/WeightPasses';
import type { WeightKernel } from '../weights/WeightKernel';
import type { Pause } from '../../base/pauses';

/** A weight with what its layer's outputs follow from. */
export interface MeasuredLayer extends OutputShape {
  readonly passes: WeightPasses;
  /** Of what the layer reads. */
  readonly moments: Moments;
}

/**
 * Layer output error of a weight under some schemes, from second moments of its inputs.
 * @throws UserError if moments and weight do not fit
 */
export async function layerOutputErrors(
  weightKernel: WeightKernel,
  { passes, moments, ...shape }: MeasuredLayer,
  schemes: readonly SchemeId[],
  pause: Pause,
): Promise<Record<SchemeId, LayerOutputError>> {
  const output = new LayerOutput(weightRows(weightKernel, passes), moments, shape);
  const errors: Record<SchemeId, LayerOutputError> = {};
  for (const scheme of schemes) {
    const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
    errors[scheme] = output.error(quantizationErrors(weightKernel, passes, quantizer));
    await pause();
  }
  return errors;
}
