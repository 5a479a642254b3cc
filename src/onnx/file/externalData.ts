import { create } from '@bufbuild/protobuf';
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation as DataLocation,
  type StringStringEntryProto,
  type TensorProto,
} from 'onnx-buf';
import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';
import { copyTensor } from './protos';

/**
 * The location of elements that lie in the model file itself, as `readStructure` leaves them there. No path has it, and no file that is
 * written.
 */
export const OWN_FILE = '\0';

/** The model's own file and those beside it, as far as it may read them. Both throw UserError. */
export interface ExternalFiles {
  size(location: string): number;
  read(location: string, offset: number, length: number): Uint8Array;
}

/** Where a tensor's bytes lie (onnx.proto, TensorProto.external_data). */
export interface ExternalRange {
  readonly location: string;
  readonly offset: number;
  /** Null: to the end of the file. */
  readonly length: number | null;
}

export function isExternal(tensor: TensorProto): boolean {
  return tensor.dataLocation === DataLocation.EXTERNAL;
}

/** Whether a tensor's bytes lie in another file than the model's own. */
export function isBeside(tensor: TensorProto): boolean {
  return isExternal(tensor) && !tensor.externalData.some(({ value }) => value === OWN_FILE);
}

/** Fields of a tensor that refers to bytes in a file (onnx.proto, TensorProto.external_data). */
export function externalFields(
  location: string,
  offset: number,
  length: number,
): { dataLocation: DataLocation; externalData: StringStringEntryProto[] } {
  const fields = Object.entries({ location, offset: String(offset), length: String(length) });
  return {
    dataLocation: DataLocation.EXTERNAL,
    externalData: fields.map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  };
}

/** @throws UserError if the location leaves the model's folder or the numbers are none */
export function externalRange(tensor: TensorProto): ExternalRange {
  const fields = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = fields.get('location') ?? '';
  if (location !== OWN_FILE) checkExternalPath(location, tensor.name);
  const number = (key: string): number | null => {
    const text = fields.get(key);
    if (text === undefined) return null;
    if (!/^\d{1,15}$/.test(text))
      throw new UserError(
        `The tensor ${quoted(tensor.name)} has the external ${key} ${quoted(text)}, which is no number of bytes.`,
      );
    return Number(text);
  };
  return { location, offset: number('offset') ?? 0, length: number('length') };
}

/** @throws UserError unless `location` is a relative path that stays in the model's folder, on every system */
export function checkExternalPath(location: string, tensor: string): void {
  const parts = location.split(/[\\/]/);
  const bad =
    location === '' ||
    location.includes('\0') ||
    /^[\\/]|^[A-Za-z]:|:/.test(location) ||
    parts.includes('..') ||
    parts.every((part) => part === '' || part === '.');
  if (bad)
    throw new UserError(
      `The tensor ${quoted(tensor)} refers to the external data ${quoted(location)}, which is not a path inside the model's folder.`,
    );
}

/** The tensor with its bytes in the model. */
export function embedded(tensor: TensorProto, bytes: Uint8Array): TensorProto {
  return copyTensor(tensor, {
    rawData: bytes as Uint8Array<ArrayBuffer>,
    dataLocation: DataLocation.DEFAULT,
    externalData: [],
  });
}

/** The tensor with its bytes in an external file. */
export function pointingTo(
  tensor: TensorProto,
  location: string,
  offset: number,
  length: number,
): TensorProto {
  return copyTensor(tensor, { rawData: new Uint8Array(0), ...externalFields(location, offset, length) });
}
