import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type GraphProto, type ModelProto } from 'onnx-buf';
import type { ByteSource } from '../../base/ByteSource';
import { UserError } from '../../base/UserError';
import { readStructure } from './structure';
import { WireError } from './WireReader';

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
 * Parses a serialized onnx.ModelProto. The elements of large tensors are not read: they are external data in the model's own file
 * (`OWN_FILE`). Fields that are not known are kept.
 * @param minRange bytes from which a tensor is large
 * @throws UserError with one sentence if it is no such file
 */
export function parseModel(source: ByteSource, path: string, minRange?: number): ParsedModel {
  if (source.length === 0) throw new UserError(`${path} is empty.`);
  const other = otherFormat(source.bytes(0, Math.min(TEXT_SAMPLE, source.length)));
  if (other) throw new UserError(`${path} is not an ONNX model but ${other}.`);
  const model = decode(source, path, minRange);
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
function otherFormat(beginning: Uint8Array): string | null {
  const start = String.fromCharCode(...beginning);
  const signature = SIGNATURES.find(([text]) => start.toLowerCase().startsWith(text.toLowerCase()));
  if (signature) return signature[1];
  // A model begins with a field tag and a version number, which are control characters.
  return /^[\t\n\r\x20-\x7e]+$/.test(start) ? 'text' : null;
}

function decode(source: ByteSource, path: string, minRange?: number): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, readStructure(source, path, minRange));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const kind = error instanceof WireError ? error.kind : parserError(error);
    if (kind === 'too deep')
      throw new UserError(
        `${path} cannot be read: its subgraphs are nested too deeply, more than 32 levels.`,
      );
    if (kind === 'cut off')
      throw new UserError(`${path} is cut off or damaged: it ends in the middle of a field.`);
    throw new UserError(`${path} is not an ONNX model, or damaged: its bytes are not valid protobuf.`);
  }
}

/** Faults that only the parser finds, in fields such as lists of numbers. */
function parserError(error: unknown): WireError['kind'] {
  const message = error instanceof Error ? error.message : '';
  if (/recursion|call stack/i.test(message)) return 'too deep';
  return /premature EOF/i.test(message) ? 'cut off' : 'invalid';
}
