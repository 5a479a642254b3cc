import { fromBinary } from '@bufbuild/protobuf';
import { TensorProto_DataType as DataType, TensorProtoSchema, type TensorProto } from 'onnx-buf';
import { UserError } from '../../../base/UserError';
import { unpackHalf } from '../../../core/scheme/half';
import { elementType } from './elements';
import { elementCount, MAX_ELEMENTS, type StoredArray } from './StoredArray';

/** ONNX's element types by NumPy's names. */
const NAMES: Readonly<Record<number, string>> = {
  [DataType.FLOAT]: 'f4',
  [DataType.DOUBLE]: 'f8',
  [DataType.FLOAT16]: 'f2',
  [DataType.INT8]: 'i1',
  [DataType.INT16]: 'i2',
  [DataType.INT32]: 'i4',
  [DataType.INT64]: 'i8',
  [DataType.UINT8]: 'u1',
  [DataType.UINT16]: 'u2',
  [DataType.UINT32]: 'u4',
  [DataType.UINT64]: 'u8',
  [DataType.BOOL]: 'b1',
};

/**
 * Opens a serialized onnx.TensorProto, as ONNX's own test data are.
 * @throws UserError if it is none, is cut off, or holds neither numbers nor text
 */
export function readTensorProto(bytes: Uint8Array, name: string): StoredArray {
  const fail = (what: string) => new UserError(`${name} cannot be read as an ONNX tensor: ${what}.`);
  const tensor = parsed(bytes);
  if (!tensor) throw fail('its bytes are not valid protobuf');
  const text = tensor.dataType === DataType.STRING;
  const type = NAMES[tensor.dataType];
  if (type === undefined && !text) throw fail('its elements are no plain numbers and no text');
  const shape = tensor.dims.map(Number);
  const all = elementCount(shape);
  if (!Number.isSafeInteger(all) || shape.some((size) => size < 0))
    throw fail(`its shape is [${shape.join(', ')}]`);
  const { rawData, stringData } = tensor;
  const element = type === undefined ? null : elementType(type);
  const listed = element && rawData.length === 0 ? typedData(tensor) : null;
  const length = element ? (listed?.length ?? rawData.length / element.bytes) : stringData.length;
  if (length !== all)
    throw fail(`its shape [${shape.join(', ')}] needs ${all} elements and it has ${length}`);
  return {
    shape,
    text,
    elements(first, count) {
      if (count > MAX_ELEMENTS)
        throw fail(`${count.toLocaleString('en')} elements are too many for a sample`);
      if (!element)
        return stringData.slice(first, first + count).map((bytes) => new TextDecoder().decode(bytes));
      if (listed) return Float64Array.from(listed.slice(first, first + count), Number);
      const bytes = rawData.subarray(first * element.bytes, (first + count) * element.bytes);
      return element.read(bytes, true);
    },
  };
}

function parsed(bytes: Uint8Array): TensorProto | null {
  try {
    return fromBinary(TensorProtoSchema, bytes);
  } catch {
    return null;
  }
}

/** Elements that are listed one by one in the field of their type (onnx.proto, TensorProto). */
function typedData(tensor: TensorProto): readonly (number | bigint)[] {
  const { dataType, floatData, doubleData, int32Data, int64Data, uint64Data } = tensor;
  switch (dataType) {
    case DataType.FLOAT:
      return floatData;
    case DataType.DOUBLE:
      return doubleData;
    case DataType.INT64:
      return int64Data;
    case DataType.UINT32:
    case DataType.UINT64:
      return uint64Data;
    case DataType.FLOAT16:
      return int32Data.map(unpackHalf);
    default:
      return int32Data;
  }
}
