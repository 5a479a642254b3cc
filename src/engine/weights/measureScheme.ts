import { fitQuantizer, type QuantizingSpec } from '../../quant/schemes/fitQuantizer';
import type { WeightError } from '../../core/measure/errors';
import { specOf, type SchemeId } from '../../core/scheme/scheme';
import { ErrorAccumulator } from './ErrorAccumulator';
import type { WeightPasses } from './WeightPasses';
import type { WeightKernel } from './WeightKernel';
import type { Pause } from '../../base/pauses';

/** Fits a scheme to a weight and measures the weight error. */
export async function measureScheme(
  weightKernel: WeightKernel,
  passes: WeightPasses,
  scheme: SchemeId,
  pause: Pause,
): Promise<WeightError> {
  const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
  const errors = new ErrorAccumulator(quantizer);
  for (const block of passes.blocks())
    errors.add(weightKernel, block, weightKernel.quantize(block, quantizer, { codes: true }));
  return errors.result(passes.stats('channel'));
}

/** @throws Error for `float`, which quantizes nothing */
export function quantizingSpec(scheme: SchemeId): QuantizingSpec {
  const spec = specOf(scheme);
  if (spec.family === 'float') throw new Error('Leaving weights as they are is no quantizing scheme.');
  return spec;
}
