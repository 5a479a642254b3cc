import { toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type TensorProto } from 'onnx-buf';
import { UserError } from '../../base/UserError';
import { ExternalFile, pointTo } from '../file/ExternalFile';
import { embed, isExternal, type ExternalFiles } from '../file/externalData';
import type { InspectedModel } from '../read/inspectModel';
import { copyTensor } from '../file/protos';
import type { Scope } from '../graph/Scope';
import { tensorBytes, tensorByteLength } from '../file/tensor';

/** No protobuf message can be longer (protobuf documentation, "Size limits"). */
const MAX_MESSAGE = 2 ** 31 - 1;
/** Bytes of weights that a model can hold: its graphs need some room beside them. */
export const MAX_EMBEDDED = 2 ** 31 - 2 ** 26;
/** Tensors smaller than this stay in the file: readers want shapes at hand. */
const MIN_EXTERNAL = 1024;

export interface SerializedModel {
  readonly model: Uint8Array;
  /** Weights in a file of their own; null where all is in the model. */
  readonly external: ExternalFile | null;
}

/**
 * Serializes a model, in place: the caller owns it. Weights that lay in external files come into the model while all weights
 * together stay below `limit`; else all large ones go to one external file, whose pieces are read when they are written.
 * @param location name of that file
 * @throws UserError if even then the model is larger than a file can be
 */
export function serializeModel(
  { model, scopes }: InspectedModel,
  files: ExternalFiles,
  location: string,
  limit = MAX_EMBEDDED,
): SerializedModel {
  const { initializers, others } = tensorsOf(scopes);
  const total = [...initializers, ...others].reduce((sum, tensor) => sum + tensorByteLength(tensor), 0);
  const external = total < limit ? null : externalize(initializers, files, location);
  const embedded = [...initializers, ...others].filter((tensor) => external?.holds(tensor) !== true);
  // Before anything is read: what cannot be written need not be loaded.
  if (embedded.reduce((sum, tensor) => sum + tensorByteLength(tensor), 0) > MAX_MESSAGE) throw tooLarge();
  for (const tensor of embedded.filter(isExternal)) embed(tensor, tensorBytes(tensor, files));
  const bytes = toBinary(ModelProtoSchema, model);
  if (bytes.length > MAX_MESSAGE) throw tooLarge();
  return { model: bytes, external };
}

/**
 * Takes all external data into the model, in place.
 * @throws UserError if that is more than a model can hold
 */
export function embedAll({ scopes }: InspectedModel, files: ExternalFiles): void {
  const { initializers, others } = tensorsOf(scopes);
  const external = [...initializers, ...others].filter(isExternal);
  if (external.reduce((sum, tensor) => sum + tensorByteLength(tensor), 0) > MAX_EMBEDDED)
    throw new UserError('The model has more than 2 GiB of weights, too many to measure its outputs.');
  for (const tensor of external) embed(tensor, tensorBytes(tensor, files));
}

/** All tensors of a model as it is now: initializers can lie in other files, those in attributes are best in the model. */
function tensorsOf(scopes: readonly Scope[]): { initializers: TensorProto[]; others: TensorProto[] } {
  const initializers: TensorProto[] = [];
  const others: TensorProto[] = [];
  for (const { graph } of scopes) {
    if (graph.$typeName === 'onnx.GraphProto') {
      for (const tensor of graph.initializer) initializers.push(tensor);
      for (const { values, indices } of graph.sparseInitializer)
        for (const tensor of [values, indices]) if (tensor) others.push(tensor);
    }
    for (const node of graph.node)
      for (const { t, tensors, sparseTensor } of node.attribute)
        for (const tensor of [t, ...tensors, sparseTensor?.values, sparseTensor?.indices])
          if (tensor) others.push(tensor);
  }
  return { initializers, others };
}

function externalize(tensors: readonly TensorProto[], files: ExternalFiles, location: string): ExternalFile {
  const file = new ExternalFile(location);
  for (const tensor of tensors) {
    const length = tensorByteLength(tensor);
    const movable = tensor.rawData.length > 0 || isExternal(tensor);
    if (length < MIN_EXTERNAL || !movable) continue;
    // What the tensor is now, as `pointTo` changes it.
    const source = copyTensor(tensor);
    pointTo(
      tensor,
      file.location,
      file.add(tensor, length, () => tensorBytes(source, files)),
      length,
    );
  }
  return file;
}

function tooLarge(): UserError {
  return new UserError('The exported model would be larger than 2 GiB, which no ONNX file can be.');
}
