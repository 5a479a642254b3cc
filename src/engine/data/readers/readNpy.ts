import { UserError } from '../../../base/UserError';
import type { ByteSource } from '../../io/ByteSource';
import { ELEMENTS, readElements } from './elements';
import { elementCount, MAX_ELEMENTS, type Numbers, type StoredArray } from './StoredArray';

const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY')];
const MAX_HEADER = 65_536;

/**
 * Opens a NumPy array file (NumPy Enhancement Proposal 1, versions 1 to 3) of numbers or booleans. Its header alone is read at first.
 * @throws UserError if it is none, is cut off, or holds something else, such as objects
 */
export function readNpy(source: ByteSource, name: string): StoredArray {
  const fail = (what: string) => new UserError(`${name} is no array that can be read: ${what}.`);
  const { header, start } = readHeader(source, fail);
  const descr = /'descr'\s*:\s*'([<>|=])([a-z]\d+)'/.exec(header);
  const shapeText = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (!descr || shapeText === undefined)
    throw fail('its header does not say type and shape, or it holds objects');
  const type = Object.hasOwn(ELEMENTS, descr[2]!) ? ELEMENTS[descr[2]!]! : null;
  if (!type) throw fail(`its elements are ${descr[2]}, not numbers of 1 to 8 bytes`);
  const shape = shapeText
    .split(',')
    .map((size) => size.trim())
    .filter(Boolean)
    .map(Number);
  const all = elementCount(shape);
  if (!Number.isSafeInteger(all) || start + all * type.bytes > source.length)
    throw fail(`its shape [${shape.join(', ')}] needs more bytes than it has`);
  const littleEndian = descr[1] !== '>';
  const stored = (first: number, count: number): Numbers => {
    if (count > MAX_ELEMENTS) throw fail(`${count.toLocaleString('en')} elements are too many for a sample`);
    const bytes = source.bytes(start + first * type.bytes, count * type.bytes);
    return readElements(type, bytes, littleEndian);
  };
  const elements = /'fortran_order'\s*:\s*True/.test(header) ? rowMajor(stored, shape) : stored;
  return { shape, elements };
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

/** Elements whose first index runs fastest, as if the last one did. Those of a row lie apart, so all are read, and kept. */
function rowMajor(stored: StoredArray['elements'], shape: readonly number[]): StoredArray['elements'] {
  let kept: Numbers | null = null;
  return (first, count) => {
    kept ??= rearranged(stored(0, elementCount(shape)), shape);
    return kept.slice(first, first + count);
  };
}

function rearranged(data: Numbers, shape: readonly number[]): Numbers {
  const result = data.slice();
  const index = shape.map(() => 0);
  for (let to = 0; to < data.length; to++) {
    let [from, stride] = [0, 1];
    index.forEach((value, axis) => {
      from += value * stride;
      stride *= shape[axis]!;
    });
    result[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}
