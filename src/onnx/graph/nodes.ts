/** Reading single nodes, without the graph around them. */
import { create } from '@bufbuild/protobuf';
import {
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type SparseTensorProto,
  type TensorProto,
} from 'onnx-buf';
import { copyTensor } from '../file/protos';

/** Whether the node's operator is of ONNX itself, not of a vendor or the model's own. */
export function isStandard({ domain }: NodeProto): boolean {
  return domain === '' || domain === 'ai.onnx';
}

/** The name of a node in messages; exporters may leave its own out. */
export function nodeName(node: NodeProto): string {
  return node.name || node.output.find((name) => name !== '') || node.opType;
}

export function attribute(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((candidate) => candidate.name === name);
}

/** An integer attribute, 0 by default as most are in the ONNX specification. */
export function intOf(node: NodeProto, name: string): number {
  return Number(attribute(node, name)?.i ?? 0n);
}

/** The graphs in a node's attributes with a label each. */
export function subgraphs(node: NodeProto): { label: string; graph: GraphProto }[] {
  return node.attribute.flatMap(({ name, g, graphs }) => [
    ...(g ? [{ label: name, graph: g }] : []),
    ...graphs.map((graph, i) => ({ label: `${name}[${i}]`, graph })),
  ]);
}

/** The value of a Constant node; undefined for other nodes, and for strings and references to function attributes. */
export function constantValue(
  node: NodeProto,
): { readonly tensor: TensorProto; readonly sparse: SparseTensorProto | null } | undefined {
  const name = node.output[0];
  if (node.opType !== 'Constant' || !isStandard(node) || !name) return undefined;
  for (const { name: key, t, sparseTensor, f, floats, i, ints } of node.attribute) {
    switch (key) {
      case 'value':
        return t && { tensor: named(t, name), sparse: null };
      case 'sparse_value':
        return sparseTensor?.values && { tensor: named(sparseTensor.values, name), sparse: sparseTensor };
      case 'value_float':
        return {
          tensor: create(TensorProtoSchema, { name, dataType: DataType.FLOAT, floatData: [f] }),
          sparse: null,
        };
      case 'value_floats':
        return list(name, floats.length, { dataType: DataType.FLOAT, floatData: floats });
      case 'value_int':
        return {
          tensor: create(TensorProtoSchema, { name, dataType: DataType.INT64, int64Data: [i] }),
          sparse: null,
        };
      case 'value_ints':
        return list(name, ints.length, { dataType: DataType.INT64, int64Data: ints });
    }
  }
  return undefined;
}

function list(
  name: string,
  length: number,
  content: { dataType: number; floatData?: number[]; int64Data?: bigint[] },
): { tensor: TensorProto; sparse: null } {
  return { tensor: create(TensorProtoSchema, { name, dims: [BigInt(length)], ...content }), sparse: null };
}

/** The tensors of Constant nodes are mostly nameless; what is said of them should name them. The model stays as it is. */
function named(tensor: TensorProto, name: string): TensorProto {
  return tensor.name === '' ? copyTensor(tensor, { name }) : tensor;
}
