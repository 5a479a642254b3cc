import type { Graph } from '../graph/Graph';
import type { ActivationPlan } from './planActivations';

/** Input of a node with its bias. */
const BIAS = 2;

/** The plan for a graph in which nodes have other biases, and their results the same names. */
export function planInGraph(plan: ActivationPlan, graph: Graph): ActivationPlan {
  const nodes = plan.nodes.map((each) => {
    const node = graph.producer(each.node.output[0]!)!;
    const definition = node.input[BIAS] ? graph.main.definitions.get(node.input[BIAS]) : undefined;
    return { ...each, node, bias: definition?.kind === 'constant' ? definition.constant.tensor : null };
  });
  const chain = plan.chain.map((each) => ({ ...each, node: graph.producer(each.node.output[0]!)! }));
  return { ...plan, nodes, chain };
}
