import { elementCount } from '../../onnx/file/shapes';
import type { LayerInputs, LayerUse } from '../../onnx/subgraph/layerInputs';
import { convGeometry } from '../../quant/conv/ConvGeometry';
import { convPatches, matrixPatches, type PatchSource } from '../../quant/moments/PatchSource';
import { statePatches } from '../../quant/moments/statePatches';
import type { Value } from '../runtime/RuntimeModel';

/** Names of the values that the vectors of a use are made of; the first is its input. */
export function valuesOf({ input, vectors }: LayerUse): string[] {
  return vectors.kind === 'states' && vectors.initial !== null ? [input, vectors.initial] : [input];
}

/**
 * The vectors that a layer multiplies in one of its uses, on one sample.
 * @param read the values that `valuesOf` names
 * @throws UserError if they do not fit the layer
 */
export function layerVectors(
  { vectors }: LayerUse,
  { inputs }: LayerInputs,
  [{ shape, data }, initial]: readonly [Value, ...Value[]],
): PatchSource {
  const values = floats(data);
  switch (vectors.kind) {
    case 'patches':
      return convPatches(convGeometry(shape, vectors.weight, vectors.attributes), values);
    case 'states':
      return statePatches(shape, values, initial ? floats(initial.data) : null, vectors.reverse);
    case 'rows':
      return matrixPatches(values, inputs);
    case 'columns':
      return matrixPatches(values, inputs, shape.at(-1) ?? 1);
    case 'pixels':
      return matrixPatches(values, inputs, elementCount(shape.slice(2)));
  }
}

function floats(data: Value['data']): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>);
}
