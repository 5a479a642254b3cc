import { create } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  ValueInfoProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import type { ParsedModel } from '../file/parseModel';
import { copyMessage } from '../file/protos';
import { readNames } from './readNames';

/** Some nodes of a main graph with what they read and give. */
export interface Part {
  /** In the order of the graph. */
  readonly nodes: readonly NodeProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  /** Initializers in the place of what the model has under their names. */
  readonly constants?: readonly TensorProto[];
}

/** A model of its own that computes a part of another one. It has the initializers that the part reads, unless they are among its inputs. */
export function extractPart(
  model: ParsedModel,
  { nodes, inputs, outputs, constants = [] }: Part,
): ParsedModel {
  const { name, initializer, sparseInitializer } = model.graph;
  const needed = new Set(nodes.flatMap(readNames));
  for (const each of [...inputs, ...constants]) needed.delete(each.name);
  const read = new Set(nodes.flatMap(readNames));
  const graph = create(GraphProtoSchema, {
    name,
    node: [...nodes],
    initializer: [
      ...initializer.filter((tensor) => needed.has(tensor.name)),
      ...constants.filter((tensor) => read.has(tensor.name)),
    ],
    sparseInitializer: sparseInitializer.filter(({ values }) => needed.has(values?.name ?? '')),
    input: [...inputs],
    output: [...outputs],
  });
  return copyMessage(ModelProtoSchema, model, { graph, trainingInfo: [] }) as ParsedModel;
}

/** @param shape null where it differs from sample to sample */
export function valueInfo(name: string, elemType: number, shape: readonly number[] | null): ValueInfoProto {
  const dim = shape?.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, ...(dim && { shape: { dim } }) } } },
  });
}
