import type { Graph } from '../graph/Graph';

/** Nodes that insertion leaves behind: of weights and biases that are stored in another way now. */
const REMOVABLE: ReadonlySet<string> = new Set(['DequantizeLinear', 'Constant']);

/** Takes out of the main graph such nodes, and initializers, that nothing reads any more, here or in a subgraph. */
export function removeDeadNodes(graph: Graph): Graph {
  const alive = graph.edit(({ main }) => {
    for (const node of graph.nodes)
      if (REMOVABLE.has(node.opType) && !isRead(graph, node.output[0]!)) main.replaceNode(node, []);
  });
  return alive.edit(({ main }) => {
    for (const tensor of alive.model.graph.initializer)
      if (!isRead(alive, tensor.name)) main.replaceInitializer(tensor, []);
  });
}

function isRead(graph: Graph, name: string): boolean {
  return graph.consumers(name).length > 0 || graph.isOutput(name);
}
