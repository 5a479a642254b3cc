import type { NodeProto } from 'onnx-buf';
import type { ExternalFiles } from '../file/externalData';
import type { Graph } from '../graph/Graph';
import type { ScopeEdits } from '../graph/ScopeEdits';
import { makeNode, makeTensor } from '../file/protos';
import { clippedCodes } from './clippedCodes';
import type { ActivationPlan, IntegerNode } from './planActivations';
import { QOperatorNodes } from './QOperatorNodes';
import { QuantizedGraph } from './QuantizedGraph';

/**
 * Turns the quantizers of `insertQuantizers` into ONNX's own operators on codes: Conv into QLinearConv; MatMul, and Gemm without bias,
 * into QLinearMatMul; Gemm with bias, which QLinearMatMul has no place for, into MatMulInteger and an Add of int32. Operators that only
 * move data move codes. Sums, products and the like of tensors with different scales have no standard operator and stay between
 * DequantizeLinear and QuantizeLinear, as does a layer whose weight is stored in another shape.
 *
 * Tensors that float nodes read as well keep their DequantizeLinear for those. Nodes that nothing reads any more are for
 * `removeDeadNodes` to take out.
 * @param plan with the nodes of `graph`
 */
export function toQOperators(
  graph: Graph,
  { nodes, chain }: Pick<ActivationPlan, 'nodes' | 'chain'>,
  files: ExternalFiles,
): Graph {
  const quantized = new QuantizedGraph(graph);
  const freshName = graph.freshNames();
  return graph.edit(({ main }) => {
    const operators = new QOperatorNodes(quantized, files, freshName, main);
    for (const planned of nodes) replaceLayer(planned, operators, main);
    for (const { node, movesData } of chain) if (movesData) moveCodes(node, main);
    for (const node of graph.nodes)
      if (node.opType === 'Relu' || node.opType === 'Clip') clipCodes(node, main);
  });

  function replaceLayer({ node, bias }: IntegerNode, operators: QOperatorNodes, edits: ScopeEdits): void {
    const [x, w, b] = node.input.map((name) => quantized.dequantized(name));
    const y = quantized.quantized(node);
    if (!x || !w || (bias && !b) || !y || y.clip) return;
    const made = operators.make({ node, x, w, b: b ?? null, y });
    if (!made) return;
    edits.replaceNode(node, made);
    edits.replaceNode(y.quantize, []);
  }

  /** A Relu or Clip whose input and output have the same scale clips codes. */
  function clipCodes(clip: NodeProto, edits: ScopeEdits): void {
    const from = quantized.dequantized(clip.input[0]!);
    const to = quantized.quantized(clip);
    if (!from || !to || to.clip || from.scale !== to.scale) return;
    const range = clippedCodes(clip, to, quantized, files);
    if (!range) return;
    const { dataType } = quantized.constant(to.zeroPoint)!;
    const ends = [range.least, range.greatest].map((code) => {
      const name = freshName(`${to.codes}_end`);
      edits.addInitializers([makeTensor(name, dataType, [], Uint8Array.of(code))]);
      return name;
    });
    edits.replaceNode(clip, [makeNode('Clip', [from.codes, ...ends], to.codes)]);
    edits.replaceNode(to.quantize, []);
  }

  /** A node whose input and output have the same scale takes and gives codes. */
  function moveCodes(node: NodeProto, edits: ScopeEdits): void {
    const from = quantized.dequantized(node.input[0]!);
    const to = quantized.quantized(node);
    if (!from || !to || to.clip) return;
    const draft = edits.draft(node);
    draft.input[0] = from.codes;
    draft.output = [to.codes];
    edits.replaceNode(to.quantize, []);
  }
}
