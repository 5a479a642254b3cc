import { create, toBinary } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  ValueInfoProtoSchema,
  type GraphProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { elementTypeCode } from '../file/elementTypes';
import type { InspectedModel } from '../read/inspectModel';
import { makeNode } from '../file/protos';
import { tensorShape } from '../file/shapes';
import { allNames } from '../graph/Scope';
import { nameGenerator } from '../graph/uniqueNames';
import { readNames, type PartPlan } from './planPart';

/** A model of its own that has the weight among its inputs. */
export interface PartModel {
  readonly bytes: Uint8Array;
  /** Name of the input for the weight. */
  readonly weight: string;
}

/**
 * Serializes a part of a model, whose external data must be embedded; the model itself stays as it is.
 * @param cutTypes element type of every value of the plan's cut, as `elementTypeName` names them
 */
export function buildPart(
  { model, scopes }: InspectedModel,
  plan: PartPlan,
  cutTypes: ReadonlyMap<string, string>,
): PartModel {
  const { constant, nodes } = plan;
  const inMain = constant.scope === scopes[0];
  const weight = inMain ? constant.name : nameGenerator(allNames(scopes), '_')(`${constant.name}_fed`);
  const needed = new Set(nodes.flatMap(readNames));
  const initializer = model.graph.initializer.filter(({ name }) => needed.has(name) && name !== weight);
  const outputs = new Set(plan.outputs);
  const graph = create(GraphProtoSchema, {
    name: model.graph.name,
    node: [...nodes],
    initializer,
    sparseInitializer: model.graph.sparseInitializer.filter(({ values }) => needed.has(values?.name ?? '')),
    input: [
      ...plan.cut.map((name) => valueInfo(name, elementTypeCode(cutTypes.get(name)!)!, null)),
      valueInfo(weight, constant.tensor.dataType, tensorShape(constant.tensor)),
    ],
    output: model.graph.output.filter(({ name }) => outputs.has(name)),
  });
  const part = Object.assign(create(ModelProtoSchema), model, { graph, trainingInfo: [] });
  const serialize = () => toBinary(ModelProtoSchema, part);
  return { weight, bytes: inMain ? serialize() : withWeightFrom(weight, plan, serialize) };
}

/** Lets the weight of an inner graph be read from outside while `serialize` works. */
function withWeightFrom<T>(weight: string, { constant }: PartPlan, serialize: () => T): T {
  const graph = constant.scope.graph as GraphProto;
  const { node: nodes, initializer } = graph;
  const fed = makeNode('Identity', [weight], constant.name);
  graph.node = constant.node ? nodes.map((node) => (node === constant.node ? fed : node)) : [fed, ...nodes];
  graph.initializer = initializer.filter((tensor) => tensor !== constant.tensor);
  try {
    return serialize();
  } finally {
    graph.node = nodes;
    graph.initializer = initializer;
  }
}

/** @param shape null where it differs from sample to sample */
function valueInfo(name: string, elemType: number, shape: readonly number[] | null): ValueInfoProto {
  const dim = shape?.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, ...(dim && { shape: { dim } }) } } },
  });
}
