import type { OpenModel } from '../formats/OpenModel';
import { factorInputs } from '../../onnx/subgraph/factorInputs';

/**
 * Cuts layers into batches whose moments fit in memory together, so that each has moments as full as a layer alone may have.
 * @param names of layers, which keep their order
 * @param most numbers kept for a batch, and for one of its layers
 */
export function layerBatches(
  model: OpenModel,
  names: readonly string[],
  most: { readonly together: number; readonly alone: number },
): string[][] {
  const batches: string[][] = [];
  let held = Infinity;
  for (const name of names) {
    const inputs = factorInputs(model, model.layers.get(name)!);
    const numbers =
      typeof inputs === 'string' ? 0 : Math.min(most.alone, inputs.inputs * (inputs.inputs / inputs.groups));
    if (held + numbers > most.together) {
      batches.push([]);
      held = 0;
    }
    batches.at(-1)!.push(name);
    held += numbers;
  }
  return batches;
}
