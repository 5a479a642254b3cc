import type { NodeProto } from 'onnx-buf';
import { dataInputs } from '../graph/dataMovement';
import type { Graph } from '../graph/Graph';
import type { ConstantTensor, Scope } from '../graph/Scope';

/** A node that computes with a weight, as it is stored or moved. */
export interface WeightSite {
  readonly node: NodeProto;
  /** The graph that the node is in. */
  readonly scope: Scope;
  /** The input that the weight comes by. */
  readonly index: number;
  /** The name that the node reads it by. */
  readonly name: string;
}

/**
 * All nodes that compute with a weight, in whatever graph, also behind nodes that only move its elements.
 * @returns or why they cannot be told, as the end of a sentence
 */
export function weightSites(graph: Graph, constant: ConstantTensor): WeightSite[] | string {
  const sites: WeightSite[] = [];
  const pending = [{ name: constant.name, scope: constant.scope }];
  const seen = new Set<string>();
  // The list grows while it is walked.
  for (const { name, scope } of pending) {
    if (graph.isOutput(name, scope)) return 'its weight is an output of a graph';
    for (const { node, scope: inner, index } of graph.consumers(name, scope)) {
      const [output] = node.output;
      const moves = dataInputs(node)?.includes(name) === true && output && inner.isConstant(output);
      if (!moves) sites.push({ node, scope: inner, index, name });
      else if (!seen.has(`${graph.scopes.indexOf(inner)} ${output}`)) {
        seen.add(`${graph.scopes.indexOf(inner)} ${output}`);
        pending.push({ name: output, scope: inner });
      }
    }
  }
  return sites.length === 0 ? 'no node computes with its weight' : sites;
}
