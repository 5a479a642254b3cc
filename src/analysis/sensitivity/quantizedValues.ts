import { fitQuantizer } from '../../quant/fitQuantizer';
import type { Pause } from '../../quant/WeightSource';
import type { SchemeId } from '../../shared/scheme';
import { quantizingSpec } from '../measureScheme';
import { placeRows } from '../quantizeWeight';
import { weightCount } from '../Weight';
import type { WeightPasses } from '../WeightPasses';
import type { Workbench } from '../Workbench';

/**
 * A weight as it comes out of a scheme, in the order of its tensor: the very numbers that an export's codes stand for.
 */
export async function quantizedValues(
  bench: Workbench,
  passes: WeightPasses,
  scheme: SchemeId,
  pause: Pause,
): Promise<Float32Array> {
  const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
  const tensor = new Float32Array(weightCount(passes.weight));
  for (const block of passes.blocks()) {
    bench.quantize(block, quantizer, { values: true });
    placeRows(bench.values(block), tensor, passes.weight, block);
  }
  return tensor;
}

/** A weight as it is, in the order of its tensor. */
export function floatValues(bench: Workbench, passes: WeightPasses): Float32Array {
  const tensor = new Float32Array(weightCount(passes.weight));
  for (const block of passes.blocks()) placeRows(bench.weights(block), tensor, passes.weight, block);
  return tensor;
}
