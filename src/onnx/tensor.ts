import type { TensorProto } from 'onnx-buf';
import { TensorProto_DataType as DataType } from 'onnx-buf';
import { UserError } from '../shared/UserError';
import { elementBits, elementTypeName } from './elementTypes';
import { externalRange, isExternal, type ExternalFiles } from './externalData';

/** No tensor of a model that fits any machine has more elements; products below it are exact in JavaScript. */
const MOST_ELEMENTS = 2n ** 48n;

/** @throws UserError if a dimension is negative or the product overflows */
export function tensorShape(tensor: TensorProto): number[] {
  let elements = 1n;
  for (const size of tensor.dims) {
    if (size < 0n) throw new UserError(`The tensor "${tensor.name}" has the negative dimension ${size}.`);
    elements *= size;
    if (elements > MOST_ELEMENTS || size > MOST_ELEMENTS)
      throw new UserError(
        `The tensor "${tensor.name}" has more elements than any model: [${tensor.dims.join(', ')}].`,
      );
  }
  return tensor.dims.map(Number);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Bytes that the elements take when packed; 0 for strings. */
export function tensorByteLength(tensor: TensorProto): number {
  return Math.ceil((elementCount(tensorShape(tensor)) * (elementBits(tensor.dataType) ?? 0)) / 8);
}

/**
 * The elements of a floating-point tensor as little-endian bytes of their type, in row-major order. A view where the file has them so.
 * @throws UserError if there are more or fewer bytes than the shape asks for
 */
export function tensorBytes(tensor: TensorProto, files: ExternalFiles): Uint8Array {
  const wanted = tensorByteLength(tensor);
  if (isExternal(tensor)) return externalBytes(tensor, wanted, files);
  const bytes = tensor.rawData.length > 0 ? tensor.rawData : typedBytes(tensor);
  if (bytes.length !== wanted) throw mismatch(tensor, bytes.length, wanted);
  return bytes;
}

/**
 * Checks shape against size without reading external data.
 * @throws UserError as `tensorBytes`
 */
export function checkTensor(tensor: TensorProto, files: ExternalFiles): void {
  const wanted = tensorByteLength(tensor);
  if (isExternal(tensor)) checkExternal(tensor, wanted, files);
  else {
    const bits = elementBits(tensor.dataType);
    const got = tensor.rawData.length || (typedLength(tensor) * (bits ?? 0)) / 8;
    if (got !== wanted) throw mismatch(tensor, got, wanted);
  }
}

function externalBytes(tensor: TensorProto, wanted: number, files: ExternalFiles): Uint8Array {
  const { location, offset } = checkExternal(tensor, wanted, files);
  return files.read(location, offset, wanted);
}

function checkExternal(tensor: TensorProto, wanted: number, files: ExternalFiles) {
  const range = externalRange(tensor);
  const size = files.size(range.location);
  const length = range.length ?? size - range.offset;
  if (length !== wanted) throw mismatch(tensor, length, wanted);
  if (range.offset + wanted > size)
    throw new UserError(
      `The tensor "${tensor.name}" ends at byte ${range.offset + wanted} of "${range.location}", which has only ${size}.`,
    );
  return range;
}

function mismatch(tensor: TensorProto, got: number, wanted: number): UserError {
  const shape = `[${tensor.dims.join(', ')}]`;
  return new UserError(
    `The tensor "${tensor.name}" is ${elementTypeName(tensor.dataType)} ${shape}, which takes ${wanted} bytes, but holds ${got}.`,
  );
}

function typedLength(tensor: TensorProto): number {
  switch (tensor.dataType) {
    case DataType.FLOAT:
      return tensor.floatData.length;
    case DataType.DOUBLE:
      return tensor.doubleData.length;
    default:
      return tensor.int32Data.length;
  }
}

/** Elements of the typed fields; halves stand in int32_data as their bits (onnx.proto, TensorProto.int32_data). */
function typedBytes(tensor: TensorProto): Uint8Array {
  switch (tensor.dataType) {
    case DataType.FLOAT:
      return new Uint8Array(Float32Array.from(tensor.floatData).buffer);
    case DataType.DOUBLE:
      return new Uint8Array(Float64Array.from(tensor.doubleData).buffer);
    case DataType.FLOAT16:
    case DataType.BFLOAT16:
      return new Uint8Array(Uint16Array.from(tensor.int32Data).buffer);
    default:
      return new Uint8Array(0);
  }
}
