import { unpackHalf } from '../../../core/scheme/half';
import type { Elements, Numbers } from './StoredArray';

/** How a file stores elements. */
export interface ElementType {
  /** Of one element. */
  readonly bytes: number;
  readonly text: boolean;
  /**
   * Reads all elements that some bytes are.
   * @throws RangeError for text that is none
   */
  readonly read: (bytes: Uint8Array, littleEndian: boolean) => Elements;
}

type ReadNumber = (view: DataView, offset: number, littleEndian: boolean) => number;

/** @param fits32 whether 32-bit floats hold all values */
const numbers = (size: number, fits32: boolean, read: ReadNumber): ElementType => ({
  bytes: size,
  text: false,
  read(bytes, littleEndian) {
    const count = Math.floor(bytes.length / size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const result: Numbers = fits32 ? new Float32Array(count) : new Float64Array(count);
    for (let i = 0; i < count; i++) result[i] = read(view, i * size, littleEndian);
    return result;
  },
});

const NUMBERS: Readonly<Record<string, ElementType>> = {
  f2: numbers(2, true, (view, at, little) => unpackHalf(view.getUint16(at, little))),
  f4: numbers(4, true, (view, at, little) => view.getFloat32(at, little)),
  f8: numbers(8, false, (view, at, little) => view.getFloat64(at, little)),
  i1: numbers(1, true, (view, at) => view.getInt8(at)),
  i2: numbers(2, true, (view, at, little) => view.getInt16(at, little)),
  i4: numbers(4, false, (view, at, little) => view.getInt32(at, little)),
  i8: numbers(8, false, (view, at, little) => Number(view.getBigInt64(at, little))),
  u1: numbers(1, true, (view, at) => view.getUint8(at)),
  u2: numbers(2, true, (view, at, little) => view.getUint16(at, little)),
  u4: numbers(4, false, (view, at, little) => view.getUint32(at, little)),
  u8: numbers(8, false, (view, at, little) => Number(view.getBigUint64(at, little))),
  b1: numbers(1, true, (view, at) => view.getUint8(at)),
};

/** Characters of 4 bytes, or bytes of UTF-8; what is shorter is filled up with zeros. */
const text = (size: number, decode: (bytes: Uint8Array, littleEndian: boolean) => string): ElementType => ({
  bytes: size,
  text: true,
  read: (bytes, littleEndian) =>
    Array.from({ length: Math.floor(bytes.length / size) }, (_, i) =>
      decode(bytes.subarray(i * size, (i + 1) * size), littleEndian).replace(/\0+$/, ''),
    ),
});

/**
 * A type by NumPy's letter and size, as in `f4`; text is `U` with its number of characters or `S` with that of its bytes (NumPy manual, "Data type
 * objects"). Null for others.
 */
export function elementType(name: string): ElementType | null {
  if (Object.hasOwn(NUMBERS, name)) return NUMBERS[name]!;
  const [, letter, digits] = /^([US])([1-9]\d{0,8})$/.exec(name) ?? [];
  if (letter === undefined) return null;
  return letter === 'U'
    ? text(4 * Number(digits), utf32)
    : text(Number(digits), (bytes) => new TextDecoder().decode(bytes));
}

function utf32(bytes: Uint8Array, littleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let result = '';
  for (let at = 0; at < bytes.length; at += 4)
    result += String.fromCodePoint(view.getUint32(at, littleEndian));
  return result;
}
