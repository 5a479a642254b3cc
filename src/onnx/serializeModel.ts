import { toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataLocation as DataLocation, type TensorProto } from 'onnx-buf';
import { create } from '@bufbuild/protobuf';
import { StringStringEntryProtoSchema } from 'onnx-buf';
import { UserError } from '../shared/UserError';
import { isExternal, type ExternalFiles } from './externalData';
import type { InspectedModel } from './inspectModel';
import { tensorBytes, tensorByteLength } from './tensor';

/** A protobuf message ends at 2 GiB; graphs need some room beside the weights. */
export const LARGEST_EMBEDDED = 2 ** 31 - 2 ** 26;
/** Tensors as small as this stay in the file: readers want shapes at hand. */
const SMALLEST_EXTERNAL = 1024;
/** Lets readers map tensors into memory (ONNX, "External Data"). */
const ALIGNMENT = 4096;

export interface SerializedModel {
  readonly model: Uint8Array;
  /** Weights in a file of their own; null where all is in the model. */
  readonly external: ExternalFile | null;
}

export interface ExternalFile {
  readonly location: string;
  /** Pieces of the file in order, read as they are needed. */
  chunks(): Iterable<Uint8Array>;
}

/**
 * Serializes a model, in place: the caller owns it. Weights that lay in external files come into the model while it stays below
 * `limit`; else all large ones go to one external file.
 * @param location name of that file
 * @throws UserError if even then the model is larger than a file can be
 */
export function serializeModel(
  { model, scopes }: InspectedModel,
  files: ExternalFiles,
  location: string,
  limit = LARGEST_EMBEDDED,
): SerializedModel {
  // The graphs were rewritten: what counts is what they hold now.
  const graphs = scopes.map(({ graph }) => graph);
  const initializers = graphs.flatMap((graph) =>
    graph.$typeName === 'onnx.GraphProto' ? graph.initializer : [],
  );
  const inNodes = graphs.flatMap(({ node }) =>
    node.flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? [])),
  );
  const tensors = [...initializers, ...inNodes];
  const total = tensors.reduce((sum, tensor) => sum + tensorByteLength(tensor), 0);
  let external: ExternalFile | null = null;
  if (total < limit) for (const tensor of tensors.filter(isExternal)) embed(tensor, files);
  else {
    // Only initializers can be external; a Constant node's tensor has to be in the model.
    for (const tensor of inNodes.filter(isExternal)) embed(tensor, files);
    external = externalize(initializers, files, location);
  }
  const bytes = toBinary(ModelProtoSchema, model);
  if (bytes.length >= 2 ** 31)
    throw new UserError('The exported model would be larger than 2 GiB, which no ONNX file can be.');
  return { model: bytes, external };
}

function embed(tensor: TensorProto, files: ExternalFiles): void {
  tensor.rawData = tensorBytes(tensor, files) as Uint8Array<ArrayBuffer>;
  tensor.dataLocation = DataLocation.DEFAULT;
  tensor.externalData = [];
}

function externalize(
  initializers: readonly TensorProto[],
  files: ExternalFiles,
  location: string,
): ExternalFile {
  const parts: { offset: number; bytes: () => Uint8Array }[] = [];
  let offset = 0;
  for (const tensor of initializers) {
    const length = tensorByteLength(tensor);
    if (length < SMALLEST_EXTERNAL || (tensor.rawData.length === 0 && !isExternal(tensor))) {
      if (isExternal(tensor)) embed(tensor, files);
      continue;
    }
    offset = Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
    const source = { ...tensor };
    parts.push({ offset, bytes: () => (isExternal(source) ? tensorBytes(source, files) : source.rawData) });
    tensor.rawData = new Uint8Array(0);
    tensor.dataLocation = DataLocation.EXTERNAL;
    tensor.externalData = Object.entries({ location, offset: String(offset), length: String(length) }).map(
      ([key, value]) => create(StringStringEntryProtoSchema, { key, value }),
    );
    offset += length;
  }
  return {
    location,
    *chunks() {
      let written = 0;
      for (const part of parts) {
        if (part.offset > written) yield new Uint8Array(part.offset - written);
        const bytes = part.bytes();
        yield bytes;
        written = part.offset + bytes.length;
      }
    },
  };
}
