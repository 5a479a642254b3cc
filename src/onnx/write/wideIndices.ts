import { TensorProto_DataType as DataType, type TensorProto } from 'onnx-buf';
import { copyTensor, toBytes } from '../file/protos';
import type { Graph } from '../graph/Graph';
import { mapTensors } from '../graph/tensors';

/** How narrower integers are read, by type. */
const READERS: Readonly<Record<number, (bytes: Uint8Array<ArrayBuffer>) => ArrayLike<number>>> = {
  [DataType.INT8]: (bytes) => new Int8Array(bytes.buffer),
  [DataType.INT16]: (bytes) => new Int16Array(bytes.buffer),
  [DataType.INT32]: (bytes) => new Int32Array(bytes.buffer),
};

/**
 * The graph with the indices of sparse tensors in the only type that ONNX has for them, int64: onnxruntime writes them in the narrowest
 * that holds them (onnx.proto, SparseTensorProto).
 */
export function widenIndices(graph: Graph): Graph {
  const sparse = graph.scopes.flatMap((scope) => [
    ...(scope.graph.$typeName === 'onnx.GraphProto' ? scope.graph.sparseInitializer : []),
    ...scope.graph.node.flatMap((node) => node.attribute.map(({ sparseTensor }) => sparseTensor)),
  ]);
  const indices = new Set(sparse.map((each) => each?.indices));
  return mapTensors(graph, (tensor) => (indices.has(tensor) ? widened(tensor) : tensor));
}

function widened(indices: TensorProto): TensorProto {
  const read = READERS[indices.dataType];
  if (!read) return indices;
  const { rawData, int32Data } = indices;
  // A copy, as a view need not begin where such numbers may.
  const values = rawData.length > 0 ? read(Uint8Array.from(rawData)) : int32Data;
  return copyTensor(indices, {
    dataType: DataType.INT64,
    int32Data: [],
    rawData: toBytes(BigInt64Array.from(values as number[], BigInt)) as Uint8Array<ArrayBuffer>,
  });
}
