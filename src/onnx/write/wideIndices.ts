import { TensorProto_DataType as DataType, type SparseTensorProto, type TensorProto } from 'onnx-buf';
import { toBytes } from '../file/protos';
import type { Scope } from '../graph/Scope';

/** How narrower integers are read, by type. */
const READERS: Readonly<Record<number, (bytes: Uint8Array<ArrayBuffer>) => ArrayLike<number>>> = {
  [DataType.INT8]: (bytes) => new Int8Array(bytes.buffer),
  [DataType.INT16]: (bytes) => new Int16Array(bytes.buffer),
  [DataType.INT32]: (bytes) => new Int32Array(bytes.buffer),
};

/**
 * Gives the indices of sparse tensors the only type that ONNX has for them, int64, in place: onnxruntime writes them in the narrowest that
 * holds them (onnx.proto, SparseTensorProto).
 */
export function widenIndices(scopes: readonly Scope[]): void {
  for (const { graph } of scopes) {
    const initializers = graph.$typeName === 'onnx.GraphProto' ? graph.sparseInitializer : [];
    const attributes = graph.node.flatMap((node) => node.attribute.map(({ sparseTensor }) => sparseTensor));
    for (const sparse of [...initializers, ...attributes]) widen(sparse);
  }
}

function widen(sparse: SparseTensorProto | undefined): void {
  const indices = sparse?.indices;
  const read = indices && READERS[indices.dataType];
  if (!read) return;
  const { rawData, int32Data }: TensorProto = indices;
  // A copy, as a view need not begin where such numbers may.
  const values = rawData.length > 0 ? read(Uint8Array.from(rawData)) : int32Data;
  indices.dataType = DataType.INT64;
  indices.int32Data = [];
  indices.rawData = toBytes(BigInt64Array.from(values as number[], BigInt)) as Uint8Array<ArrayBuffer>;
}
