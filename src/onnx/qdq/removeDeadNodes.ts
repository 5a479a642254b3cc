import type { Graph } from '../graph/Graph';

/** Takes out of the main graph DequantizeLinear nodes and initializers that nothing reads any more, here or in a subgraph. */
export function removeDeadNodes(graph: Graph): Graph {
  const alive = graph.edit(({ main }) => {
    for (const node of graph.nodes)
      if (node.opType === 'DequantizeLinear' && !isRead(graph, node.output[0]!)) main.replaceNode(node, []);
  });
  return alive.edit(({ main }) => {
    for (const tensor of alive.model.graph.initializer)
      if (!isRead(alive, tensor.name)) main.replaceInitializer(tensor, []);
  });
}

function isRead(graph: Graph, name: string): boolean {
  return graph.consumers(name).length > 0 || graph.isOutput(name);
}
