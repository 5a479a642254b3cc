import { toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type TensorProto } from 'onnx-buf';
import { UserError } from '../../base/UserError';
import { ExternalFile } from '../file/ExternalFile';
import { embedded, isExternal, type ExternalFiles } from '../file/externalData';
import type { Graph } from '../graph/Graph';
import { mapTensors, tensorsOf } from '../graph/tensors';
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
 * Serializes a model. Weights that lay in external files come into the model while all weights together stay below `limit`; else all
 * large ones go to one external file, whose pieces are read when they are written.
 * @param location name of that file
 * @throws UserError if even then the model is larger than a file can be
 */
export function serializeModel(
  graph: Graph,
  files: ExternalFiles,
  location: string,
  limit = MAX_EMBEDDED,
): SerializedModel {
  const { initializers, others } = tensorsOf(graph);
  const external =
    totalBytes([...initializers, ...others]) < limit ? null : externalize(initializers, files, location);
  const embedded = [...initializers, ...others].filter((tensor) => external?.pointers.has(tensor) !== true);
  // Before anything is read: what cannot be written need not be loaded.
  if (totalBytes(embedded) > MAX_MESSAGE) throw tooLarge();
  const moved = mapTensors(
    graph,
    (tensor) => external?.pointers.get(tensor) ?? embeddedTensor(tensor, files),
  );
  const bytes = toBinary(ModelProtoSchema, moved.model);
  if (bytes.length > MAX_MESSAGE) throw tooLarge();
  return { model: bytes, external: external && external.file };
}

/**
 * Serializes a model with all external data in it, as onnxruntime takes it from memory.
 * @throws UserError as `checkEmbeddable`
 */
export function serializeWhole(graph: Graph, files: ExternalFiles): Uint8Array {
  checkEmbeddable(graph);
  return toBinary(ModelProtoSchema, mapTensors(graph, (tensor) => embeddedTensor(tensor, files)).model);
}

/** @throws UserError if there is more external data than a model can hold */
export function checkEmbeddable(graph: Graph): void {
  const { initializers, others } = tensorsOf(graph);
  if (totalBytes([...initializers, ...others].filter(isExternal)) > MAX_EMBEDDED)
    throw new UserError('The model has more than 2 GiB of weights, too many to measure its outputs.');
}

function embeddedTensor(tensor: TensorProto, files: ExternalFiles): TensorProto {
  return isExternal(tensor) ? embedded(tensor, tensorBytes(tensor, files)) : tensor;
}

function totalBytes(tensors: readonly TensorProto[]): number {
  return tensors.reduce((sum, tensor) => sum + tensorByteLength(tensor), 0);
}

/** Plans the file that holds all large initializers; tensors that point to it, by those that they take the place of. */
function externalize(tensors: readonly TensorProto[], files: ExternalFiles, location: string) {
  const file = new ExternalFile(location);
  const pointers = new Map<TensorProto, TensorProto>();
  for (const tensor of tensors) {
    const length = tensorByteLength(tensor);
    const movable = tensor.rawData.length > 0 || isExternal(tensor);
    if (length < MIN_EXTERNAL || !movable) continue;
    pointers.set(
      tensor,
      file.add(tensor, length, () => tensorBytes(tensor, files)),
    );
  }
  return { file, pointers };
}

function tooLarge(): UserError {
  return new UserError('The exported model would be larger than 2 GiB, which no ONNX file can be.');
}
