import type { NodeProto } from 'onnx-buf';
import type { ExternalFiles } from '../file/externalData';
import { GraphEdits } from '../graph/GraphEdits';
import type { InspectedModel } from '../read/inspectModel';
import { makeNode, makeTensor } from '../file/protos';
import { nameGenerator } from '../graph/uniqueNames';
import { clippedCodes } from './clippedCodes';
import { namesIn } from './namesIn';
import type { ActivationPlan, IntegerNode } from './planActivations';
import { QOperatorNodes } from './QOperatorNodes';
import { QuantizedGraph } from './QuantizedGraph';

/**
 * Turns what `insertQuantizers` made, in place, into ONNX's own operators on codes: Conv into QLinearConv; MatMul, and
 * Gemm without bias, into QLinearMatMul; Gemm with bias, which QLinearMatMul has no place for, into MatMulInteger and
 * an Add of int32. What only moves data moves codes. Sums, products and the like of tensors with different scales have
 * no standard operator and stay between DequantizeLinear and QuantizeLinear, as does a layer whose weight is stored in
 * another shape.
 *
 * Tensors that float nodes read as well keep their DequantizeLinear for those. What nothing reads any more is for
 * `sweep` to take out.
 */
export function toQOperators(
  model: InspectedModel,
  { nodes, chain }: ActivationPlan,
  files: ExternalFiles,
): void {
  const { graph } = model.model;
  const edits = new GraphEdits(graph);
  const quantized = new QuantizedGraph(model);
  const freshName = nameGenerator(namesIn(model), '_');
  const operators = new QOperatorNodes(quantized.constants, files, freshName, edits);
  for (const planned of nodes) replaceLayer(planned);
  for (const { node, movesData } of chain) if (movesData) moveCodes(node);
  for (const node of graph.node) if (node.opType === 'Relu' || node.opType === 'Clip') clipCodes(node);
  edits.apply();

  function replaceLayer({ node, bias }: IntegerNode): void {
    const [x, w, b] = node.input.map((name) => quantized.dequantized(name));
    const y = quantized.quantized(node);
    if (!x || !w || (bias && !b) || !y || y.clip) return;
    const made = operators.make({ node, x, w, b: b ?? null, y });
    if (!made) return;
    edits.replaceNode(node, made);
    edits.replaceNode(y.quantize, []);
  }

  /** A Relu or Clip whose input and output have the same scale clips codes. */
  function clipCodes(clip: NodeProto): void {
    const from = quantized.dequantized(clip.input[0]!);
    const to = quantized.quantized(clip);
    if (!from || !to || to.clip || from.scale !== to.scale) return;
    const range = clippedCodes(clip, to, quantized.constants, files);
    if (!range) return;
    const { dataType } = quantized.constants.get(to.zeroPoint)!;
    const ends = [range.least, range.greatest].map((code) => {
      const name = freshName(`${to.codes}_end`);
      edits.addInitializers([makeTensor(name, dataType, [], Uint8Array.of(code))]);
      return name;
    });
    edits.replaceNode(clip, [makeNode('Clip', [from.codes, ...ends], to.codes)]);
    edits.replaceNode(to.quantize, []);
  }

  /** A node whose input and output have the same scale takes and gives codes. */
  function moveCodes(node: NodeProto): void {
    const from = quantized.dequantized(node.input[0]!);
    const to = quantized.quantized(node);
    if (!from || !to || to.clip) return;
    node.input = [from.codes, ...node.input.slice(1)];
    node.output = [to.codes];
    edits.replaceNode(to.quantize, []);
  }
}
