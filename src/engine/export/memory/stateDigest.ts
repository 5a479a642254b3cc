import { createHash } from 'node:crypto';
import { isRepaired } from '../../../core/recipe/recipe';
import type { RepairPass } from '../../../core/recipe/repair';
import { partsOf } from '../../recovery/overlay/encodedParts';
import type { Snapshot } from '../Phase';

/**
 * SHA-256 of all that a pass begins with beside the model's file and the data: the state of the model, its quantized weights, biases and scales, and
 * the layers that the pass is to repair.
 */
export function stateDigest(
  { model, recipe, replacements, biases, integers }: Snapshot,
  pass: RepairPass,
): string {
  const hash = createHash('sha256');
  const add = (value: unknown) => hash.update(`${JSON.stringify(value)}\n`);
  const { layers, model: about } = model.inspection;
  add([pass, recipe.format, about.opset, model.graph.nodes.map(({ opType, output }) => [opType, output])]);
  for (const { name, shape, weight } of layers) add([name, shape, weight, isRepaired(recipe, pass, name)]);
  for (const [layer, tensor] of replacements) {
    const { parts, facts } = partsOf(tensor);
    add([layer, facts]);
    for (const [name, { type, bytes }] of parts) {
      add([name, type, bytes.length]);
      hash.update(bytes);
    }
  }
  for (const [layer, values] of biases) add([layer, [...values]]);
  for (const [name, { qmin, qmax, scales, zeroPoints }] of integers?.scales ?? [])
    add([name, qmin, qmax, [...scales], zeroPoints && [...zeroPoints]]);
  return hash.digest('hex');
}
