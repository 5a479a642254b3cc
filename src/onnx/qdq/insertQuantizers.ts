import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { AffineQuantizer } from '../../quant/Quantizer';
import { GraphEdits } from '../graph/GraphEdits';
import type { InspectedModel } from '../read/inspectModel';
import { intAttribute, makeNode, makeTensor, toBytes } from '../file/protos';
import { nameGenerator } from '../graph/uniqueNames';
import { namesIn } from './namesIn';
import type { ActivationPlan, IntegerNode } from './planActivations';

/** What insertion needs to know. */
export interface ActivationScales {
  /** One scale and zero point for each activation that the plan gives a scale of its own. */
  readonly activations: ReadonlyMap<string, AffineQuantizer>;
  /** The scales of each planned layer's weight: one, or one for each output channel. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Biases as floats, by tensor. */
  readonly biases: ReadonlyMap<TensorProto, Float32Array>;
}

/**
 * Puts a QuantizeLinear and a DequantizeLinear around every planned activation, in place, and turns biases into int32
 * with the scale of the products that they are added to (Jacob et al. 2017, section 2.4, equation 11). Runtimes that
 * know the pattern fuse it into integer kernels; others compute the same in float. A tensor that a planned node makes
 * is quantized for all its readers, so that the kernel's result is read as it is; one that is only read, for planned
 * nodes alone.
 *
 * The weights must be DequantizeLinear nodes already, the model at opset 13 or later.
 */
export function insertQuantizers(
  model: InspectedModel,
  { nodes, chain, scaledAs }: ActivationPlan,
  scales: ActivationScales,
): void {
  const { graph } = model.model;
  const freshName = nameGenerator(namesIn(model), '_');
  const edits = new GraphEdits(graph);
  const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const behind = new Map<NodeProto, NodeProto[]>();
  const first: NodeProto[] = [];
  const put = (producer: NodeProto | undefined, added: NodeProto[]) => {
    if (producer) behind.set(producer, [...(behind.get(producer) ?? []), ...added]);
    else first.push(...added);
  };
  const readAs = new Map<string, string>();

  for (const output of new Set([...nodes, ...chain].map((each) => each.output))) {
    const producer = producers.get(output)!;
    const raw = freshName(`${output}_float`);
    producer.output = producer.output.map((name) => (name === output ? raw : name));
    put(producer, pair(raw, output, output));
    readAs.set(output, output);
  }
  for (const input of [...nodes.map((each) => each.input), ...chain.flatMap(({ inputs }) => inputs)]) {
    if (readAs.has(input)) continue;
    const read = freshName(`${input}_dequantized`);
    put(producers.get(input), pair(input, read, input));
    readAs.set(input, read);
  }
  for (const planned of nodes) {
    const { node, input } = planned;
    node.input = [readAs.get(input)!, ...node.input.slice(1)];
    if (planned.bias) node.input[2] = integerBias(planned);
    if (node.opType === 'Gemm') giveZeroPoint(planned);
  }
  for (const { node, inputs } of chain)
    node.input = node.input.map((name) => (inputs.includes(name) ? readAs.get(name)! : name));
  edits.addFirst(first);
  for (const [producer, added] of behind) edits.replaceNode(producer, [producer, ...added]);
  edits.apply();

  function quantizerOf(activation: string): AffineQuantizer {
    return scales.activations.get(scaledAs.get(activation) ?? activation)!;
  }

  /** tensor -> QuantizeLinear -> DequantizeLinear -> result, with the scale of `name`. */
  function pair(tensor: string, result: string, name: string): NodeProto[] {
    const { scales: values, zeroPoints, qmin } = quantizerOf(name);
    const type = qmin < 0 ? DataType.INT8 : DataType.UINT8;
    const scale = freshName(`${name}_scale`);
    const zeroPoint = freshName(`${name}_zero_point`);
    const zero = Uint8Array.of(zeroPoints?.[0] ?? 0);
    edits.addInitializers([
      makeTensor(scale, DataType.FLOAT, [], toBytes(values)),
      makeTensor(zeroPoint, type, [], zero),
    ]);
    const quantized = freshName(`${name}_quantized`);
    return [
      makeNode('QuantizeLinear', [tensor, scale, zeroPoint], quantized),
      makeNode('DequantizeLinear', [quantized, scale, zeroPoint], result),
    ];
  }

  /** onnxruntime 1.30 fuses a Gemm only where its weight's zero points are written down, although they are 0. */
  function giveZeroPoint({ node, layer }: IntegerNode): void {
    const dequantize = producers.get(node.input[1]!);
    if (dequantize?.opType !== 'DequantizeLinear' || dequantize.input.length !== 2) return;
    const count = scales.weights.get(layer)!.length;
    const zeroPoint = freshName(`${node.input[1]!}_zero_point`);
    edits.addInitializers([
      makeTensor(zeroPoint, DataType.INT8, count > 1 ? [count] : [], new Uint8Array(count)),
    ]);
    dequantize.input.push(zeroPoint);
  }

  /** Adds a node's bias in int32; its name. */
  function integerBias({ bias, layer, input }: IntegerNode): string {
    const inputScale = quantizerOf(input).scales[0]!;
    const weightScales = scales.weights.get(layer)!;
    const biasScales = weightScales.map((scale) => scale * inputScale);
    const values = scales.biases.get(bias!)!;
    // The weights' scales leave room for them (`scalesForBias`).
    const codes = Int32Array.from(values, (value, i) =>
      Math.round(value / biasScales[biasScales.length === 1 ? 0 : i]!),
    );
    const perChannel = biasScales.length > 1;
    const [name, scale] = [freshName(`${bias!.name}_int32`), freshName(`${bias!.name}_scale`)];
    edits.addInitializers([
      makeTensor(name, DataType.INT32, bias!.dims.map(Number), toBytes(codes)),
      makeTensor(scale, DataType.FLOAT, perChannel ? [biasScales.length] : [], toBytes(biasScales)),
    ]);
    const result = freshName(`${bias!.name}_dequantized`);
    const attributes = perChannel ? [intAttribute('axis', 0)] : [];
    first.push(makeNode('DequantizeLinear', [name, scale], result, attributes));
    return result;
  }
}
