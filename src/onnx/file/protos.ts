/** Short ways to make the protobuf messages that a rewritten weight consists of. */
import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';

/** @param bytes little endian, row-major, packed */
export function makeTensor(
  name: string,
  dataType: number,
  dims: readonly number[],
  bytes: Uint8Array,
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType,
    dims: dims.map(BigInt),
    rawData: bytes as Uint8Array<ArrayBuffer>,
  });
}

/** @param values of which the tensor keeps a view */
export function floatTensor(name: string, dims: readonly number[], values: Float32Array): TensorProto {
  return makeTensor(name, DataType.FLOAT, dims, toBytes(values));
}

/** A view. Numbers lie in memory as ONNX wants them, as all machines that Node runs on are little endian. */
export function toBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * A message with the same fields, whose contents are shared, but for `changes`. A spread alone would lose the defaults, which the
 * prototype holds.
 */
export function copyMessage<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
  changes: Partial<MessageShape<Schema>> = {},
): MessageShape<Schema> {
  return Object.assign(create(schema), message, changes);
}

export function copyTensor(tensor: TensorProto, changes: Partial<TensorProto> = {}): TensorProto {
  return copyMessage(TensorProtoSchema, tensor, changes);
}

/** A copy with lists of its own, which may be changed. */
export function copyNode(node: NodeProto): NodeProto {
  const { input, output, attribute } = node;
  return copyMessage(NodeProtoSchema, node, {
    input: [...input],
    output: [...output],
    attribute: [...attribute],
  });
}

/** A node without a name of its own, as its output has one that nothing else has: a name would be the same again. */
export function makeNode(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: readonly AttributeProto[] = [],
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    input: [...input],
    output: [output],
    attribute: [...attributes],
  });
}

/** A Constant node whose output has the tensor's name. */
export function constantNode(tensor: TensorProto): NodeProto {
  const t = copyTensor(tensor, { name: '' });
  const value = create(AttributeProtoSchema, { name: 'value', type: AttributeType.TENSOR, t });
  return makeNode('Constant', [], tensor.name, [value]);
}

export function intAttribute(name: string, value: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
}

export function intsAttribute(name: string, values: readonly number[]): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: values.map(BigInt) });
}

export function stringAttribute(name: string, value: string): AttributeProto {
  return create(AttributeProtoSchema, {
    name,
    type: AttributeType.STRING,
    s: new TextEncoder().encode(value),
  });
}
