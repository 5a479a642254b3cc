/** All tensors of a model, wherever they are. */
import {
  AttributeProtoSchema,
  SparseTensorProtoSchema,
  type AttributeProto,
  type SparseTensorProto,
  type TensorProto,
} from 'onnx-buf';
import { copyMessage } from '../file/protos';
import type { Graph } from './Graph';

/** Initializers, which can lie in other files, and those in attributes and sparse ones, which are best in the model. */
export function tensorsOf({ scopes }: Graph): { initializers: TensorProto[]; others: TensorProto[] } {
  const initializers: TensorProto[] = [];
  const others: TensorProto[] = [];
  for (const { graph } of scopes) {
    if (graph.$typeName === 'onnx.GraphProto') {
      for (const tensor of graph.initializer) initializers.push(tensor);
      for (const sparse of graph.sparseInitializer) others.push(...partsOf(sparse));
    }
    for (const node of graph.node)
      for (const { t, tensors, sparseTensor } of node.attribute) {
        if (t) others.push(t);
        for (const tensor of tensors) others.push(tensor);
        if (sparseTensor) others.push(...partsOf(sparseTensor));
      }
  }
  return { initializers, others };
}

/** The graph with other tensors in the places of those for which `map` gives another. */
export function mapTensors(graph: Graph, map: (tensor: TensorProto) => TensorProto): Graph {
  return graph.edit((edits) => {
    for (const scope of graph.scopes) {
      if (scope.graph.$typeName === 'onnx.GraphProto') {
        for (const tensor of scope.graph.initializer) {
          const after = map(tensor);
          if (after !== tensor) edits.in(scope).replaceTensor(tensor, after);
        }
        for (const sparse of scope.graph.sparseInitializer) {
          const after = mapSparse(sparse, map);
          if (after !== sparse) edits.in(scope).replaceTensor(sparse, after);
        }
      }
      for (const node of scope.graph.node)
        node.attribute.forEach((attribute, index) => {
          const after = mapAttribute(attribute, map);
          if (after !== attribute) edits.in(scope).draft(node).attribute[index] = after;
        });
    }
  });
}

function mapAttribute(attribute: AttributeProto, map: (tensor: TensorProto) => TensorProto): AttributeProto {
  const t = attribute.t && map(attribute.t);
  const tensors = attribute.tensors.map(map);
  const sparseTensor = attribute.sparseTensor && mapSparse(attribute.sparseTensor, map);
  const same =
    t === attribute.t &&
    sparseTensor === attribute.sparseTensor &&
    tensors.every((tensor, i) => tensor === attribute.tensors[i]);
  return same
    ? attribute
    : copyMessage(AttributeProtoSchema, attribute, {
        tensors,
        ...(t && { t }),
        ...(sparseTensor && { sparseTensor }),
      });
}

function mapSparse(sparse: SparseTensorProto, map: (tensor: TensorProto) => TensorProto): SparseTensorProto {
  const values = sparse.values && map(sparse.values);
  const indices = sparse.indices && map(sparse.indices);
  return values === sparse.values && indices === sparse.indices
    ? sparse
    : copyMessage(SparseTensorProtoSchema, sparse, {
        ...(values && { values }),
        ...(indices && { indices }),
      });
}

function partsOf({ values, indices }: SparseTensorProto): TensorProto[] {
  return [values, indices].filter((tensor) => tensor !== undefined);
}
