import { fitQuantizer } from '../../quant/schemes/fitQuantizer';
import type { SchemeId } from '../../core/scheme/scheme';
import { quantizingSpec } from './measureScheme';
import { placeRows } from './quantizeWeight';
import { weightCount, type Weight } from './Weight';
import type { WeightPasses } from './WeightPasses';
import type { WeightKernel } from './WeightKernel';
import type { Pause } from '../../base/pauses';

/**
 * A weight as it comes out of a scheme, in the order of its tensor: the very numbers that an export's codes stand for.
 */
export async function quantizedValues(
  weightKernel: WeightKernel,
  passes: WeightPasses,
  scheme: SchemeId,
  pause: Pause,
): Promise<Float32Array> {
  const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
  const tensor = new Float32Array(weightCount(passes.weight));
  for (const block of passes.blocks()) {
    weightKernel.quantize(block, quantizer, { values: true });
    placeRows(weightKernel.values(block), tensor, passes.weight, block);
  }
  return tensor;
}

/** A weight as it is, in the order of its tensor. */
export function floatValues(weightKernel: WeightKernel, passes: WeightPasses): Float32Array {
  const tensor = new Float32Array(weightCount(passes.weight));
  for (const block of passes.blocks()) placeRows(weightKernel.weights(block), tensor, passes.weight, block);
  return tensor;
}

/** Brings a weight's rows into the order of its tensor. @param rows output channel by output channel */
export function inTensorOrder(rows: Float32Array, weight: Weight): Float32Array {
  const tensor = new Float32Array(rows.length);
  placeRows(rows, tensor, weight, { row: 0, rows: weight.layout.channels });
  return tensor;
}
