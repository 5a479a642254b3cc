import { makeNode } from '../file/protos';
import type { Graph } from '../graph/Graph';

/** The suffix that onnxruntime gives to a MatMul that takes up the Add behind it. */
const FUSED = '/MatMulAddFusion';
const BIAS = 2;

/**
 * A folded graph in which such a node has its own name again, and takes up constants alone: with an activation as its bias, such as a
 * residual, the product could not compute in integers.
 */
export function withPlainBiases(graph: Graph): Graph {
  const freshName = graph.freshNames();
  return graph.edit((edits) => {
    for (const scope of graph.scopes)
      for (const node of scope.graph.node) {
        if (!node.name.endsWith(FUSED)) continue;
        const draft = edits.in(scope).draft(node);
        draft.name = node.name.slice(0, -FUSED.length);
        const bias = node.input[BIAS];
        const [output] = node.output;
        if (!bias || !output || scope.isConstant(bias)) continue;
        const product = freshName(`${output}_product`);
        Object.assign(draft, { opType: 'MatMul', attribute: [], output: [product] });
        draft.input = node.input.slice(0, BIAS);
        edits.in(scope).replaceNode(node, [draft, makeNode('Add', [product, bias], output)]);
      }
  });
}
