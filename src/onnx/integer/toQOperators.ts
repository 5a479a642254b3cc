import type { NodeProto } from 'onnx-buf';
import type { ExternalFiles } from '../externalData';
import { GraphEdits } from '../GraphEdits';
import type { InspectedModel } from '../inspectModel';
import { makeNode, makeTensor } from '../protos';
import { nameGenerator } from '../uniqueNames';
import { clippedCodes } from './clippedCodes';
import { namesIn } from './namesIn';
import type { ActivationPlan, IntegerNode } from './planActivations';
import { QOperatorNodes, type IntegerLayer } from './QOperatorNodes';
import { QuantizedGraph } from './QuantizedGraph';
import { sweep } from './sweep';

/**
 * Turns what `insertQuantizers` made, in place, into ONNX's own operators on codes: Conv into QLinearConv; MatMul, and Gemm without bias, into QLinearMatMul;
 * Gemm with bias, which QLinearMatMul has no place for, into MatMulInteger and an Add of int32. What only moves data moves codes.
 * Sums, products and the like of tensors with different scales have no standard operator and stay between
 * DequantizeLinear and QuantizeLinear, as does a layer whose weight is stored in another shape.
 *
 * A Relu or Clip goes where quantization clips just as it does; else codes are clipped. Tensors that float nodes read as well keep
 * their DequantizeLinear for those.
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
  edits.apply();
  sweep(model);

  function replaceLayer({ node, bias }: IntegerNode): void {
    const [x, w, b] = node.input.map((name) => quantized.dequantized(name));
    const result = quantized.quantized(node);
    if (!x || !w || (bias && !b) || !result) return;
    const { clip, quantize } = result;
    const range = clip && clippedCodes(clip, quantize, quantized.constants, files);
    if (clip && !range) return;
    const clips = range && !range.all ? range : null;
    const y = clips ? { ...result, codes: freshName(`${result.codes}_unclipped`) } : result;
    const layer: IntegerLayer = { node, x, w, b: b ?? null, y };
    const made = operators.make(layer);
    if (!made) return;
    edits.replaceNode(node, clips ? [...made, clipNode(layer, clips, result.codes)] : made);
    if (clip) edits.replaceNode(clip, []);
    edits.replaceNode(quantize, []);
  }

  /** Codes that are not clipped yet -> codes. */
  function clipNode(
    { y }: IntegerLayer,
    { least, greatest }: { least: number; greatest: number },
    codes: string,
  ) {
    const type = quantized.constants.get(y.zeroPoint)!.dataType;
    const ends = [least, greatest].map((code) => {
      const name = freshName(`${codes}_end`);
      edits.addInitializers([makeTensor(name, type, [], Uint8Array.of(code))]);
      return name;
    });
    return makeNode('Clip', [y.codes, ...ends], codes);
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
