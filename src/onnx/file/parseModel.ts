import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type GraphProto, type ModelProto } from 'onnx-buf';
import { UserError } from '../../base/UserError';

/** A model that has a graph. */
export type ParsedModel = ModelProto & { readonly graph: GraphProto };

/** How files begin that are often mistaken for models; letter case does not count. */
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['version https://git-lfs', 'a Git LFS pointer; fetch the real file with "git lfs pull"'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['\x1f\x8b', 'a gzip archive'],
  ['\x89PNG', 'a picture'],
  ['\x89HDF', 'an HDF5 file'],
  ['\x80\x02', 'a Python pickle'],
  ['%PDF', 'a PDF document'],
  ['<!doctype', 'a web page'],
  ['<html', 'a web page'],
  ['<?xml', 'XML text'],
  ['{', 'JSON text'],
  ['[', 'JSON text'],
];

/** So much of a file is looked at to tell text from binary data. */
const TEXT_SAMPLE = 512;

/**
 * Parses the bytes of an .onnx file (a serialized onnx.ModelProto). Raw data of its tensors are views of `bytes`; fields that are
 * not known are kept.
 * @throws UserError with one sentence if it is no such file
 */
export function parseModel(bytes: Uint8Array, path: string): ParsedModel {
  if (bytes.length === 0) throw new UserError(`${path} is empty.`);
  const other = otherFormat(bytes);
  if (other) throw new UserError(`${path} is not an ONNX model but ${other}.`);
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

/** Names the kind of file that is no model; null if its beginning does not tell. */
function otherFormat(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, TEXT_SAMPLE));
  const signature = SIGNATURES.find(([text]) => start.toLowerCase().startsWith(text.toLowerCase()));
  if (signature) return signature[1];
  // A model begins with a field tag and a version number, which are control characters.
  return /^[\t\n\r\x20-\x7e]+$/.test(start) ? 'text' : null;
}

function decode(bytes: Uint8Array, path: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (/recursion|call stack/i.test(message))
      throw new UserError(
        `${path} cannot be read: its subgraphs are nested too deeply, more than 32 levels.`,
      );
    if (/premature EOF/i.test(message))
      throw new UserError(`${path} is cut off or damaged: it ends in the middle of a field.`);
    throw new UserError(`${path} is not an ONNX model, or damaged: its bytes are not valid protobuf.`);
  }
}
