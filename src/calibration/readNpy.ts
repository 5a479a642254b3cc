import { UserError } from '../shared/UserError';
import { ELEMENTS } from './elements';

/** A tensor of a data file. */
export interface DataTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY')];
const LARGEST_HEADER = 65_536;

/**
 * Reads a NumPy array file (NumPy Enhancement Proposal 1, versions 1 to 3) of numbers or booleans.
 * @throws UserError if it is none, is cut off, or holds something else, such as objects
 */
export function readNpy(bytes: Uint8Array, name: string): DataTensor {
  const fail = (what: string) => new UserError(`${name} is no array that can be read: ${what}.`);
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw fail('it does not begin as .npy files do');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6]! >= 2;
  const start = long ? 12 : 10;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > LARGEST_HEADER || start + length > bytes.length) throw fail('its header is cut off');
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
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
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count) || start + length + count * type.bytes > bytes.length)
    throw fail(`its shape [${shape.join(', ')}] needs more bytes than it has`);
  const littleEndian = descr[1] !== '>';
  const data = new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = type.read(view, start + length + i * type.bytes, littleEndian);
  const fortran = /'fortran_order'\s*:\s*True/.test(header);
  return { shape, data: fortran ? rowMajor(data, shape) : data };
}

/** Elements whose first index runs fastest, rearranged so that the last one does. */
function rowMajor(data: Float64Array, shape: readonly number[]): Float64Array {
  const result = new Float64Array(data.length);
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
