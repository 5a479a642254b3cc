import { fitQuantizer } from '../../quant/schemes/fitQuantizer';
import { LayerOutput, type OutputShape } from '../../quant/moments/LayerOutput';
import type { LayerOutputError } from '../../core/measure/errors';
import type { SchemeId } from '../../core/scheme/scheme';
import { quantizingSpec } from '../weights/measureScheme';
import { quantizationErrors, weightRows } from '../weights/weightRows';
import type { WeightPasses } from '../weights/WeightPasses';
import type { RoundingInputs } from '../../quant/rounding/RoundingInputs';
import type { LayerRounding } from '../recovery/rounding/LayerRounding';
import type { RoundingKernels } from '../recovery/rounding/RoundingKernels';
import { repairedScheme, type Variant } from '../../core/measure/Measurement';
import type { Pause } from '../../base/pauses';

/**
 * Layer output error of a weight under some schemes, from second moments of its inputs.
 * @throws UserError if moments and weight do not fit
 */
export async function layerOutputErrors(
  { weights: weightKernel, judged: memory }: RoundingKernels,
  passes: WeightPasses,
  { judged, ...shape }: OutputShape & Pick<RoundingInputs, 'judged'>,
  schemes: readonly SchemeId[],
  pause: Pause,
): Promise<Record<SchemeId, LayerOutputError>> {
  const output = new LayerOutput(weightRows(weightKernel, passes), memory.hold(judged), shape);
  const errors: Record<SchemeId, LayerOutputError> = {};
  for (const scheme of schemes) {
    const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
    errors[scheme] = output.error(quantizationErrors(weightKernel, passes, quantizer));
    await pause();
  }
  return errors;
}

/** Layer output error of a weight under some repaired schemes, on the samples that judge. */
export async function repairedErrors(
  rounding: LayerRounding,
  variants: readonly Variant[],
  pause: Pause,
): Promise<Record<Variant, LayerOutputError>> {
  const errors: Record<Variant, LayerOutputError> = {};
  for (const variant of variants) {
    errors[variant] = (await rounding.round(repairedScheme(variant)!, pause)).error;
    await pause();
  }
  return errors;
}
