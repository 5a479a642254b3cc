import { fromBinary } from '@bufbuild/protobuf';
import { TensorProto_DataType as DataType, TensorProtoSchema, type TensorProto } from 'onnx-buf';
import { UserError } from '../shared/UserError';
import { unpackHalf } from '../shared/half';
import { ELEMENTS } from './elements';
import type { DataTensor } from './readNpy';

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
 * Reads a serialized onnx.TensorProto, as ONNX's own test data are.
 * @throws UserError if it is none, is cut off, or holds no numbers
 */
export function readTensorProto(bytes: Uint8Array, name: string): DataTensor {
  const fail = (what: string) => new UserError(`${name} is no ONNX tensor that can be read: ${what}.`);
  const tensor = parsed(bytes);
  if (!tensor) throw fail('its bytes are not valid protobuf');
  const type = NAMES[tensor.dataType];
  if (type === undefined) throw fail('its elements are no plain numbers');
  const shape = tensor.dims.map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count) || shape.some((size) => size < 0))
    throw fail(`its shape is [${shape.join(', ')}]`);
  const { bytes: size, read } = ELEMENTS[type]!;
  const { rawData } = tensor;
  const listed = rawData.length === 0 ? typedData(tensor) : null;
  const length = listed ? listed.length : rawData.length / size;
  if (length !== count)
    throw fail(`its shape [${shape.join(', ')}] needs ${count} elements and it has ${length}`);
  if (listed) return { shape, data: Float64Array.from(listed, Number) };
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return { shape, data: Float64Array.from({ length: count }, (_, i) => read(view, i * size, true)) };
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
