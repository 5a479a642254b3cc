import { TensorProto_DataType as DataType, type TensorProto } from 'onnx-buf';
import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';
import { elementBits, elementTypeName } from './elementTypes';
import { externalRange, isExternal, type ExternalFiles, type ExternalRange } from './externalData';
import { bytesPiece, sourcePiece, type Piece } from './pieces';
import { elementCount, tensorShape } from './shapes';

/**
 * Bytes that the elements take when packed; 0 for strings.
 * @throws UserError as `tensorShape`
 */
export function tensorByteLength(tensor: TensorProto): number {
  return Math.ceil((elementCount(tensorShape(tensor)) * (elementBits(tensor.dataType) ?? 0)) / 8);
}

/**
 * The elements of a floating-point tensor as little-endian bytes of their type, in row-major order. A view where the file has
 * them so. For other types this works if they have raw or external data.
 * @throws UserError if there are more or fewer bytes than the shape asks for
 */
export function tensorBytes(tensor: TensorProto, files: ExternalFiles): Uint8Array {
  const wanted = tensorByteLength(tensor);
  const range = tensorRange(tensor, files);
  if (range) return files.read(range.location, range.offset, wanted);
  const bytes = tensor.rawData.length > 0 ? tensor.rawData : typedBytes(tensor);
  if (bytes.length !== wanted) throw mismatch(tensor, bytes.length, wanted);
  return bytes;
}

/**
 * Where the elements lie in a file; null if they are in memory.
 * @throws UserError as `tensorBytes`
 */
export function tensorRange(tensor: TensorProto, files: ExternalFiles): ExternalRange | null {
  return isExternal(tensor) ? checkExternal(tensor, tensorByteLength(tensor), files) : null;
}

/**
 * The elements as they are written to a file, a block at a time where they lie in one.
 * @throws UserError as `tensorBytes`
 */
export function tensorPiece(tensor: TensorProto, files: ExternalFiles): Piece {
  const range = tensorRange(tensor, files);
  if (!range) return bytesPiece(tensorBytes(tensor, files));
  return filePiece({ ...range, length: tensorByteLength(tensor) }, files);
}

/** A range of a file, whose length must be said. */
export function filePiece({ location, offset, length }: ExternalRange, files: ExternalFiles): Piece {
  const end = length ?? 0;
  return sourcePiece(
    { length: end, bytes: (from, count) => files.read(location, offset + from, count) },
    0,
    end,
  );
}

/**
 * Checks shape against size without reading the elements.
 * @throws UserError as `tensorBytes`
 */
export function checkTensor(tensor: TensorProto, files: ExternalFiles): void {
  const wanted = tensorByteLength(tensor);
  if (isExternal(tensor)) checkExternal(tensor, wanted, files);
  else {
    const got =
      tensor.rawData.length || typedField(tensor).length * ((elementBits(tensor.dataType) ?? 0) / 8);
    if (got !== wanted) throw mismatch(tensor, got, wanted);
  }
}

function checkExternal(tensor: TensorProto, wanted: number, files: ExternalFiles): ExternalRange {
  const range = externalRange(tensor);
  const { location, offset, length } = range;
  if (length !== null && length !== wanted) throw mismatch(tensor, length, wanted);
  const size = files.size(location);
  if (offset + wanted > size)
    throw new UserError(
      `The tensor ${quoted(tensor.name)} ends at byte ${offset + wanted} of ${quoted(location)}, which has only ${size}.`,
    );
  return range;
}

function mismatch(tensor: TensorProto, got: number, wanted: number): UserError {
  const type = `${elementTypeName(tensor.dataType)} [${tensor.dims.join(', ')}]`;
  return new UserError(
    `The tensor ${quoted(tensor.name)} is ${type}, which takes ${wanted} bytes, but it holds ${got}.`,
  );
}

/** The field that holds elements one by one; halves stand in int32_data as their bits (onnx.proto, TensorProto). */
function typedField({ dataType, floatData, doubleData, int32Data }: TensorProto): readonly number[] {
  switch (dataType) {
    case DataType.FLOAT:
      return floatData;
    case DataType.DOUBLE:
      return doubleData;
    case DataType.FLOAT16:
    case DataType.BFLOAT16:
      return int32Data;
    default:
      return [];
  }
}

function typedBytes(tensor: TensorProto): Uint8Array {
  const values = typedField(tensor);
  switch (tensor.dataType) {
    case DataType.FLOAT:
      return new Uint8Array(Float32Array.from(values).buffer);
    case DataType.DOUBLE:
      return new Uint8Array(Float64Array.from(values).buffer);
    default:
      return new Uint8Array(Uint16Array.from(values).buffer);
  }
}
