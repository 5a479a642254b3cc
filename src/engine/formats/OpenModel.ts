import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';
import { tensorBytes, tensorByteLength, tensorRange } from '../../onnx/file/tensor';
import type { InspectedModel } from '../../onnx/read/inspectModel';
import type { ExternalFolder } from '../io/ExternalFolder';
import type { FloatType, Weight } from '../weights/Weight';

/** A parsed model with the files that hold its tensors: a snapshot, which reads nothing that has changed since. */
export interface OpenModel extends InspectedModel {
  readonly files: ExternalFolder;
  /** Weights that were asked for, by layer. */
  readonly weights: Map<string, Weight>;
}

/**
 * The weight of a layer, the same object each time, by which threads know what they hold.
 * @throws UserError if there is no such layer, it is quantized already, or its file cannot be read
 */
export function weightOf({ layers, files, weights }: OpenModel, name: string): Weight {
  const cached = weights.get(name);
  if (cached) return cached;
  const layer = layers.get(name);
  if (!layer) throw new UserError(`The model has no layer ${quoted(name)}.`);
  if (layer.summary.quantized !== null)
    throw new UserError(`The layer ${quoted(name)} is quantized already: ${layer.summary.quantized}.`);
  const { tensor } = layer.constant;
  const range = tensorRange(tensor, files);
  const weight: Weight = {
    elementType: layer.summary.elementType as FloatType,
    layout: layer.layout,
    content: range
      ? files.range(range.location, range.offset, tensorByteLength(tensor))
      : // Of its own, as a view that is sent to a thread takes along all bytes around it.
        tensorBytes(tensor, files).slice(),
  };
  weights.set(name, weight);
  return weight;
}
