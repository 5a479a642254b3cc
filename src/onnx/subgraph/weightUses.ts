import type { NodeProto } from 'onnx-buf';
import type { Graph } from '../graph/Graph';

/**
 * The nodes of the main graph that compute with a weight and an activation: those that read it, or what follows from it and other constants alone, as a
 * Transpose of it does. In the order of the graph.
 * @param name of the weight, a constant of the main graph
 * @returns or why there are none, as the end of a sentence
 */
export function weightUses(graph: Graph, name: string): readonly NodeProto[] | string {
  const { main } = graph;
  if (!main.isConstant(name)) return 'it is not in the main graph';
  const uses = new Set<NodeProto>();
  const names = [name];
  const seen = new Set(names);
  // The list grows while it is walked.
  for (const each of names)
    for (const { node, scope } of graph.consumers(each)) {
      if (scope !== main) return 'a subgraph reads its weight';
      const results = node.output.filter((output) => output !== '');
      if (!results.every((output) => main.isConstant(output))) uses.add(node);
      else
        for (const output of results)
          if (!seen.has(output)) {
            seen.add(output);
            names.push(output);
          }
    }
  if (uses.size === 0) return 'no node computes with its weight and an activation';
  return uses.size === 1 ? [...uses] : graph.nodes.filter((node) => uses.has(node));
}
