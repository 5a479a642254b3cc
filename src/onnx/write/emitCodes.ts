/** Packed codes as constants, and the operators that turn them into numbers. */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import type { CodeNumbers } from '../../quant/EncodedTensor';
import { emitBfloat } from './emitBfloat';
import { codeValues, pieceValues } from './codeValues';
import type { GraphFragment } from './GraphFragment';
import { packCodes, planesOf, unpackTable, type Plane } from './packCodes';
import { floatTensor, makeTensor, toBytes } from '../file/protos';
import { elementCount } from '../file/shapes';

/** First versions of Cast for the types (ONNX operator changelog). */
const CAST_BFLOAT = 13;
const CAST_FLOAT8 = 19;

export interface Codes {
  /** Names its constants. */
  readonly hint: string;
  readonly bits: number;
  readonly codes: Uint8Array | Uint16Array;
  readonly shape: readonly number[];
}

/**
 * Codes -> float32 numbers of the same shape. Integers of 8 and 16 bits and floats of a known type by Cast; all else by looking up
 * what each byte stands for.
 * @param channelAxis axis of the shape that counts channels; only needed where each channel has a table
 */
export function emitNumbers(
  fragment: GraphFragment,
  codes: Codes,
  numbers: CodeNumbers,
  channelAxis: number,
): string {
  const { bits } = codes;
  if (numbers.kind === 'table' && numbers.own) return lookUpOwn(fragment, codes, numbers, channelAxis);
  const type = castType(numbers, bits, fragment.opset);
  if (type !== null) return fragment.cast(whole(fragment, codes, type), DataType.FLOAT);
  if (numbers.kind === 'float' && numbers.format === 'bf16')
    return emitBfloat(fragment, whole(fragment, codes, DataType.UINT16));
  if (numbers.kind === 'integer') return sumOfPlanes(fragment, codes, numbers.signed);
  const values = codeValues(numbers, bits);
  const [plane, more] = planesOf(bits);
  if (!more) return lookUp(fragment, codes, plane!, values);
  return fragment.node('Gather', [
    fragment.shared(`table_${bits}bit`, [values.length], values),
    emitIndices(fragment, codes),
  ]);
}

/** Codes -> int32 indices of the same shape. */
export function emitIndices(fragment: GraphFragment, codes: Codes): string {
  const number =
    codes.bits === 8 ? whole(fragment, codes, DataType.UINT8) : sumOfPlanes(fragment, codes, false);
  return fragment.cast(number, DataType.INT32);
}

/** The element type from which Cast makes the numbers; null if there is none. */
function castType(numbers: CodeNumbers, bits: number, opset: number): number | null {
  if (numbers.kind === 'integer') {
    if (bits === 8) return numbers.signed ? DataType.INT8 : DataType.UINT8;
    if (bits === 16) return numbers.signed ? DataType.INT16 : DataType.UINT16;
  }
  if (numbers.kind !== 'float') return null;
  switch (numbers.format) {
    case 'fp16':
      return DataType.FLOAT16;
    case 'bf16':
      return opset >= CAST_BFLOAT ? DataType.BFLOAT16 : null;
    case 'fp8e4m3':
      return opset >= CAST_FLOAT8 ? DataType.FLOAT8E4M3FN : null;
    case 'fp8e5m2':
      return opset >= CAST_FLOAT8 ? DataType.FLOAT8E5M2 : null;
    default:
      return null;
  }
}

/** Codes as they are, a byte or two each. */
function whole(fragment: GraphFragment, { hint, codes, shape }: Codes, type: number): string {
  return fragment.constant(hint, (name) => makeTensor(name, type, shape, toBytes(codes)));
}

/** Integers from their pieces. Sums of so few bits are exact in float32. */
function sumOfPlanes(fragment: GraphFragment, codes: Codes, signed: boolean): string {
  const planes = planesOf(codes.bits);
  const parts = planes.map((plane, i) => {
    const values = pieceValues(plane.bits, signed && i === planes.length - 1, plane.shift);
    return lookUp(fragment, codes, plane, values);
  });
  return parts.reduce((sum, part) => fragment.node('Add', [sum, part]));
}

/** packed bytes -> Cast -> Gather of the numbers that each byte stands for -> (Reshape -> Slice) -> Reshape */
function lookUp(
  fragment: GraphFragment,
  { hint, codes, shape }: Codes,
  plane: Plane,
  values: Float32Array,
): string {
  const width = 8 / plane.bits;
  const table = fragment.shared(`table_${plane.bits}bit`, [256, width], unpackTable(values, plane.bits));
  const packed = packCodes(codes, plane);
  const bytes = fragment.constant(hint, (name) => makeTensor(name, DataType.UINT8, [packed.length], packed));
  const rows = fragment.node('Gather', [table, fragment.cast(bytes, DataType.INT32)]);
  // The last byte may hold more than is left of the tensor.
  const exact =
    codes.length % width === 0 ? rows : fragment.take(fragment.reshape(rows, [-1]), 0, codes.length);
  return fragment.reshape(exact, shape);
}

/** Numbers from the tensor's own table, or from one for each channel: these stand one after the other. */
function lookUpOwn(
  fragment: GraphFragment,
  codes: Codes,
  { entries }: CodeNumbers & { readonly kind: 'table' },
  channelAxis: number,
): string {
  const size = 2 ** codes.bits;
  const table = fragment.constant('table', (name) => floatTensor(name, [entries.length], entries));
  let indices = emitIndices(fragment, codes);
  if (entries.length > size) {
    const dims = [entries.length / size, ...codes.shape.slice(channelAxis + 1).map(() => 1)];
    const starts = Int32Array.from({ length: elementCount(dims) }, (_, channel) => channel * size);
    indices = fragment.node('Add', [indices, fragment.shared('offsets', dims, starts)]);
  }
  return fragment.node('Gather', [table, indices]);
}
