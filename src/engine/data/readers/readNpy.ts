import { UserError } from '../../../base/UserError';
import type { ByteSource } from '../../../base/ByteSource';
import { elementType, type ElementType } from './elements';
import { elementCount, MAX_ELEMENTS, type Elements, type StoredArray } from './StoredArray';

const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY')];
/** Bytes of a header; a longer one is no description of an array. */
const MAX_HEADER = 65_536;
/** Bytes of a file in Fortran's order, which is held whole; one that is larger takes too much memory. */
const MAX_HELD = 2 ** 30;

/**
 * Opens a NumPy array file (NumPy Enhancement Proposal 1, versions 1 to 3) of numbers, booleans or text. Its header alone is read at first.
 * @throws UserError if it is none, is cut off, or holds something else, such as objects
 */
export function readNpy(source: ByteSource, name: string): StoredArray {
  const fail = (what: string) => new UserError(`${name} cannot be read as an array: ${what}.`);
  const { header, start } = readHeader(source, fail);
  const descr = /'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'/.exec(header);
  const shapeText = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (!descr || shapeText === undefined)
    throw fail('its header does not say type and shape, or it holds objects');
  const type = elementType(descr[2]!);
  if (!type) throw fail(`its elements are ${descr[2]}, not text or numbers of 1 to 8 bytes`);
  const shape = shapeText
    .split(',')
    .map((size) => size.trim())
    .filter(Boolean)
    .map(Number);
  const all = elementCount(shape);
  if (!Number.isSafeInteger(all) || start + all * type.bytes > source.length)
    throw fail(`its shape [${shape.join(', ')}] needs more bytes than it has`);
  const littleEndian = descr[1] !== '>';
  const read = (bytes: Uint8Array): Elements => {
    try {
      return type.read(bytes, littleEndian);
    } catch {
      throw fail('its text is damaged');
    }
  };
  const isFortran = /'fortran_order'\s*:\s*True/.test(header) && shape.length > 1;
  if (isFortran && all * type.bytes > MAX_HELD)
    throw fail("it is too large for Fortran's order; save it in C's order (numpy.ascontiguousarray)");
  let held: Uint8Array | null = null;
  const bytesOf = (first: number, count: number) => {
    if (!isFortran) return source.bytes(start + first * type.bytes, count * type.bytes);
    held ??= source.bytes(start, all * type.bytes);
    return gathered(held, type, shape, first, count);
  };
  const elements = (first: number, count: number): Elements => {
    if (count > MAX_ELEMENTS) throw fail(`${count.toLocaleString('en')} elements are too many for a sample`);
    return read(bytesOf(first, count));
  };
  return { shape, text: type.text, elements };
}

function readHeader(source: ByteSource, fail: (what: string) => UserError) {
  const bytes = source.bytes(0, Math.min(12, source.length));
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw fail('it does not begin as .npy files do');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6]! >= 2;
  const at = long ? 12 : 10;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > MAX_HEADER || at + length > source.length) throw fail('its header is cut off');
  const header = new TextDecoder('latin1').decode(source.bytes(at, length));
  return { header, start: at + length };
}

/** Bytes of elements whose first index runs fastest in a file, as if the last one did: those of a row lie apart. */
function gathered(
  bytes: Uint8Array,
  { bytes: size }: ElementType,
  shape: readonly number[],
  first: number,
  count: number,
): Uint8Array {
  const result = new Uint8Array(count * size);
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = first; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  for (let to = 0; to < count; to++) {
    let [from, stride] = [0, 1];
    for (let axis = 0; axis < shape.length; axis++) {
      from += index[axis]! * stride;
      stride *= shape[axis]!;
    }
    result.set(bytes.subarray(from * size, (from + 1) * size), to * size);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}
