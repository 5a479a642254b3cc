import { unpackHalf } from '../../../core/scheme/half';
import type { Numbers } from './StoredArray';

type Read = (view: DataView, offset: number, littleEndian: boolean) => number;

/** A type of elements. */
export interface ElementType {
  readonly bytes: number;
  /** Whether 32-bit floats hold all its values. */
  readonly fits32: boolean;
  /** Reads one. */
  readonly read: Read;
}

const type = (bytes: number, fits32: boolean, read: Read): ElementType => ({ bytes, fits32, read });

/** Elements of data files by NumPy's letter and number of bytes. */
export const ELEMENTS: Readonly<Record<string, ElementType>> = {
  f2: type(2, true, (view, at, little) => unpackHalf(view.getUint16(at, little))),
  f4: type(4, true, (view, at, little) => view.getFloat32(at, little)),
  f8: type(8, false, (view, at, little) => view.getFloat64(at, little)),
  i1: type(1, true, (view, at) => view.getInt8(at)),
  i2: type(2, true, (view, at, little) => view.getInt16(at, little)),
  i4: type(4, false, (view, at, little) => view.getInt32(at, little)),
  i8: type(8, false, (view, at, little) => Number(view.getBigInt64(at, little))),
  u1: type(1, true, (view, at) => view.getUint8(at)),
  u2: type(2, true, (view, at, little) => view.getUint16(at, little)),
  u4: type(4, false, (view, at, little) => view.getUint32(at, little)),
  u8: type(8, false, (view, at, little) => Number(view.getBigUint64(at, little))),
  b1: type(1, true, (view, at) => view.getUint8(at)),
};

/** All elements that some bytes are. */
export function readElements(
  { bytes: size, fits32, read }: ElementType,
  bytes: Uint8Array,
  littleEndian: boolean,
): Numbers {
  const count = Math.floor(bytes.length / size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = fits32 ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = read(view, i * size, littleEndian);
  return numbers;
}
