import type { GraphProto, NodeProto } from 'onnx-buf';
import type { ParsedModel } from '../file/parseModel';
import { subgraphs } from './nodes';

/** The names in all graphs of a model, those in functions aside, and how many its nodes have, those in functions among them. */
export function namesOf({ graph, trainingInfo, functions }: ParsedModel): {
  readonly values: ReadonlySet<string>;
  readonly nodes: ReadonlySet<string>;
  readonly count: number;
} {
  const values = new Set<string>();
  const nodes = new Set<string>();
  let count = 0;
  const countNames = ({ input, output }: NodeProto) => (count += 1 + input.length + output.length);
  for (const { node: inner } of functions) inner.forEach(countNames);
  // The parser bounds how deep they can be nested.
  const visit = (each: GraphProto) => {
    for (const { name } of [...each.input, ...each.output, ...each.valueInfo, ...each.initializer])
      values.add(name);
    for (const sparse of each.sparseInitializer) values.add(sparse.values?.name ?? '');
    for (const node of each.node) {
      countNames(node);
      nodes.add(node.name);
      for (const name of [...node.input, ...node.output]) values.add(name);
      for (const inner of subgraphs(node)) visit(inner.graph);
    }
  };
  visit(graph);
  for (const { initialization, algorithm } of trainingInfo)
    for (const each of [initialization, algorithm]) if (each) visit(each);
  return { values, nodes, count };
}
