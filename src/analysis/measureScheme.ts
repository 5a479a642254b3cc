import { fitQuantizer, type QuantizingSpec } from '../quant/fitQuantizer';
import type { Pause } from '../quant/WeightSource';
import type { WeightError } from '../shared/measures';
import { specOf, type SchemeId } from '../shared/scheme';
import { ErrorAccumulator } from './ErrorAccumulator';
import type { WeightPasses } from './WeightPasses';
import type { Workbench } from './Workbench';

/** Fits a scheme to a weight and measures the weight error. */
export async function measureScheme(
  bench: Workbench,
  passes: WeightPasses,
  scheme: SchemeId,
  pause: Pause,
): Promise<WeightError> {
  const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
  const errors = new ErrorAccumulator(quantizer);
  for (const block of passes.blocks())
    errors.add(bench, block, bench.quantize(block, quantizer, { codes: true }));
  return errors.result(passes.stats('channel'));
}

/** @throws Error for `float`, which quantizes nothing */
export function quantizingSpec(scheme: SchemeId): QuantizingSpec {
  const spec = specOf(scheme);
  if (spec.family === 'float') throw new Error('Leaving weights as they are is no quantizing scheme.');
  return spec;
}
