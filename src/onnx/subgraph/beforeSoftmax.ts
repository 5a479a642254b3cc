import { dataInputs } from '../graph/dataMovement';
import type { Graph } from '../graph/Graph';
import { isStandard } from '../graph/nodes';

/**
 * The scores of which an output's probabilities are made.
 * @returns name of what a Softmax reads whose result, but for moving it about, is the output; null if there is none
 */
export function beforeSoftmax(graph: Graph, output: string): string | null {
  for (let name = output; ;) {
    const node = graph.producer(name);
    if (!node) return null;
    if (isStandard(node) && node.opType === 'Softmax') return node.input[0]!;
    const inputs = dataInputs(node);
    if (inputs?.length !== 1 || node.output.length !== 1) return null;
    name = inputs[0]!;
  }
}
