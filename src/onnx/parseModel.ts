import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type GraphProto, type ModelProto } from 'onnx-buf';
import { UserError } from '../shared/UserError';

/** A model that has a graph. */
export type ParsedModel = ModelProto & { readonly graph: GraphProto };

const SIGNATURES: readonly (readonly [string, string])[] = [
  ['version https://git-lfs', 'a Git LFS pointer; fetch the real file with "git lfs pull"'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['\x1f\x8b', 'a gzip archive'],
  ['<!DOCTYPE', 'a web page'],
  ['<html', 'a web page'],
  ['{', 'JSON text'],
  ['\x89PNG', 'a picture'],
  ['\x89HDF', 'an HDF5 file'],
  ['\x80\x02', 'a Python pickle'],
];

/**
 * Parses the bytes of an .onnx file (a serialized onnx.ModelProto). Tensors' raw data are views of `bytes`.
 * @throws UserError with one sentence if it is no such file
 */
export function parseModel(bytes: Uint8Array, path: string): ParsedModel {
  if (bytes.length === 0) throw new UserError(`${path} is empty.`);
  const signature = SIGNATURES.find(([start]) => startsWith(bytes, start));
  if (signature) throw new UserError(`${path} is not an ONNX model but ${signature[1]}.`);
  const model = decode(bytes, path);
  if (!model.graph || (model.graph.node.length === 0 && model.graph.output.length === 0))
    throw new UserError(`${path} is not an ONNX model: it holds no graph.`);
  return model as ParsedModel;
}

/** Version of the default operator set; 1 where the model says nothing. */
export function defaultOpset(imports: readonly { domain: string; version: bigint }[]): number {
  const found = imports.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  return found ? Number(found.version) : 1;
}

function decode(bytes: Uint8Array, path: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (/recursion|call stack/i.test(message))
      throw new UserError(`${path} nests its subgraphs too deeply; onnxruntime reads about 30 levels.`);
    if (/premature|EOF|out of range|offset/i.test(message))
      throw new UserError(`${path} is cut off or damaged: it ends in the middle of a field.`);
    throw new UserError(`${path} is not an ONNX model: its bytes are not a valid protobuf message.`);
  }
}

function startsWith(bytes: Uint8Array, start: string): boolean {
  return [...start].every((character, i) => bytes[i] === character.charCodeAt(0));
}
