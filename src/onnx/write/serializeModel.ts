import type { TensorProto } from 'onnx-buf';
import { UserError } from '../../base/UserError';
import { ExternalFile } from '../file/ExternalFile';
import { embedded, externalRange, isBeside, isExternal, type ExternalFiles } from '../file/externalData';
import { bytesPiece, joined, lengthOf, type Piece } from '../file/pieces';
import { MIN_RANGE } from '../file/structure';
import { filePiece, tensorBytes, tensorByteLength, tensorPiece } from '../file/tensor';
import type { Graph } from '../graph/Graph';
import { mapTensors, tensorsOf } from '../graph/tensors';
import { ParkedTensors } from './parkTensors';

/** No protobuf message can be longer (protobuf documentation, "Size limits"). */
const MAX_MESSAGE = 2 ** 31 - 1;
/** Bytes of weights that a model can hold: its graphs need some room beside them. */
export const MAX_EMBEDDED = 2 ** 31 - 2 ** 26;
/** Tensors smaller than this stay in the file: readers want shapes at hand. */
const MIN_EXTERNAL = 1024;

/** A model as it is written to a file; its large tensors are read only then, a block at a time. */
export class SerializedModel {
  constructor(
    private readonly pieces: readonly Piece[],
    /** Weights in a file of their own; null where all is in the model. */
    readonly external: ExternalFile | null,
  ) {}

  *chunks(): Generator<Uint8Array> {
    for (const piece of this.pieces) yield* piece.chunks();
  }

  /** The whole file in memory. */
  get model(): Uint8Array {
    return joined(this.pieces);
  }
}

/**
 * Serializes a model. Weights that lay in external files come into the model while all weights together stay below `limit`; else all
 * large ones go to one external file.
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
  const inside = [...initializers, ...others].filter((tensor) => external?.pointers.has(tensor) !== true);
  // Before anything is read: what cannot be written need not be loaded.
  if (totalBytes(inside) > MAX_MESSAGE) throw tooLarge();
  const parked = new ParkedTensors();
  const moved = mapTensors(
    graph,
    (tensor) => external?.pointers.get(tensor) ?? inModel(tensor, files, parked),
  );
  const pieces = parked.serialize(moved.model);
  if (lengthOf(pieces) > MAX_MESSAGE) throw tooLarge();
  return new SerializedModel(pieces, external && external.file);
}

/**
 * Serializes a model with all external data in it, as onnxruntime takes it from memory.
 * @throws UserError as `checkEmbeddable`
 */
export function serializeWhole(graph: Graph, files: ExternalFiles): Uint8Array {
  checkEmbeddable(graph);
  return serializeModel(graph, files, '', Infinity).model;
}

/** @throws UserError if there is more external data than a model can hold */
export function checkEmbeddable(graph: Graph): void {
  const { initializers, others } = tensorsOf(graph);
  if (totalBytes([...initializers, ...others].filter(isExternal)) > MAX_EMBEDDED)
    throw new UserError('The model has more than 2 GiB of weights, too many to measure its outputs.');
}

/** The tensor with its elements in the model: a large one is parked. */
function inModel(tensor: TensorProto, files: ExternalFiles, parked: ParkedTensors): TensorProto {
  if (!isExternal(tensor))
    return tensor.rawData.length < MIN_RANGE ? tensor : parked.park(tensor, bytesPiece(tensor.rawData));
  // Tensors inside the file go on as they are, also where shape or type is unknown.
  if (!isBeside(tensor)) return parked.park(tensor, filePiece(externalRange(tensor), files));
  return tensorByteLength(tensor) < MIN_RANGE
    ? embedded(tensor, tensorBytes(tensor, files))
    : parked.park(tensor, tensorPiece(tensor, files));
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
    pointers.set(tensor, file.add(tensor, tensorPiece(tensor, files)));
  }
  return { file, pointers };
}

function tooLarge(): UserError {
  return new UserError('The exported model would be larger than 2 GiB, which no ONNX file can be.');
}
