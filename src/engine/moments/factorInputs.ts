import type { Layer } from '../../onnx/read/findLayers';
import type { InspectedModel } from '../../onnx/read/inspectModel';
import { layerInputs, type LayerInputs } from '../../onnx/subgraph/layerInputs';
import { transposedInputs } from '../../onnx/subgraph/transposedInputs';

/** The inputs of a layer, of whatever kind; or why they cannot be told, as the end of a sentence. */
export function factorInputs(model: InspectedModel, layer: Layer): LayerInputs | string {
  return transposedInputs(model, layer) ?? layerInputs(model, layer);
}
