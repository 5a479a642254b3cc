import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { AffineQuantizer } from '../../quant/Quantizer';
import type { Graph } from '../graph/Graph';
import type { ScopeEdits } from '../graph/ScopeEdits';
import { intAttribute, makeNode, makeTensor, toBytes } from '../file/protos';
import type { ActivationPlan, IntegerNode } from './planActivations';
import { quantizerNodes } from './quantizerNodes';

/** The plan of an insertion. */
export interface ActivationScales {
  /** One scale and zero point for each activation that the plan gives a scale of its own. */
  readonly activations: ReadonlyMap<string, AffineQuantizer>;
  /** The scales of each planned layer's weight: one, or one for each output channel. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** One number for each output channel of the planned nodes that have a bias. */
  readonly biases: ReadonlyMap<IntegerNode, Float32Array>;
}

/**
 * Puts a QuantizeLinear and a DequantizeLinear around every planned activation, and turns biases into int32 with the scale of the
 * products that they are added to (Jacob et al. 2017, section 2.4, equation 11). Runtimes that know the pattern fuse it into integer
 * kernels; others compute the same in float. A tensor that a planned node produces is quantized for all its consumers, those in
 * subgraphs as well, so that the kernel's result is read as it is; one that is only read, for planned nodes alone.
 * @param graph its weights must be DequantizeLinear nodes already, its opset 13 or later
 * @returns the graph with quantizers, and the nodes of the plan as they are in it
 */
export function insertQuantizers(
  graph: Graph,
  plan: ActivationPlan,
  scales: ActivationScales,
): { readonly graph: Graph; readonly plan: Pick<ActivationPlan, 'nodes' | 'chain'> } {
  const { nodes, chain } = plan;
  let planned: Pick<ActivationPlan, 'nodes' | 'chain'> = plan;
  const quantized = graph.edit(({ main }) => {
    new Insertion(graph, plan, scales, main).insert();
    planned = {
      nodes: nodes.map((each) => ({ ...each, node: main.draft(each.node) })),
      chain: chain.map((each) => ({ ...each, node: main.draft(each.node) })),
    };
  });
  return { graph: quantized, plan: planned };
}

class Insertion {
  private readonly freshName: (hint: string) => string;

  constructor(
    private readonly graph: Graph,
    private readonly plan: ActivationPlan,
    private readonly scales: ActivationScales,
    private readonly edits: ScopeEdits,
  ) {
    this.freshName = graph.freshNames();
  }

  insert(): void {
    const { graph, edits } = this;
    const { nodes, chain } = this.plan;
    /** The tensor that a planned node reads in an activation's stead. */
    const readAs = new Map<string, string>();
    const results = nodes.filter(({ floatResult }) => !floatResult);
    for (const output of new Set([...results, ...chain].map((each) => each.output))) {
      const producer = graph.producer(output)!;
      const raw = this.freshName(`${output}_float`);
      const draft = edits.draft(producer);
      draft.output = draft.output.map((name) => (name === output ? raw : name));
      edits.addBehind(producer, this.pair(raw, output, output));
      readAs.set(output, output);
    }
    for (const input of [...nodes.map((each) => each.input), ...chain.flatMap(({ inputs }) => inputs)]) {
      if (readAs.has(input)) continue;
      const read = this.freshName(`${input}_dequantized`);
      const producer = graph.producer(input);
      const added = this.pair(input, read, input);
      if (producer) edits.addBehind(producer, added);
      else edits.addFirst(added);
      readAs.set(input, read);
    }
    for (const planned of nodes) {
      const draft = edits.draft(planned.node);
      draft.input[0] = readAs.get(planned.input)!;
      if (planned.bias) draft.input[2] = this.integerBias(planned, planned.bias);
      if (draft.opType === 'Gemm') this.giveZeroPoint(planned);
    }
    for (const { node, inputs } of chain) {
      const draft = edits.draft(node);
      draft.input = draft.input.map((name) => (inputs.includes(name) ? readAs.get(name)! : name));
    }
  }

  private quantizerOf(activation: string): AffineQuantizer {
    return this.scales.activations.get(this.plan.scaledAs.get(activation) ?? activation)!;
  }

  /** tensor -> QuantizeLinear -> DequantizeLinear -> result, with the scale of `name`. */
  private pair(tensor: string, result: string, name: string): NodeProto[] {
    const { nodes, initializers } = quantizerNodes(
      { tensor, result, name },
      this.quantizerOf(name),
      this.freshName,
    );
    this.edits.addInitializers(initializers);
    return [...nodes];
  }

  /** onnxruntime 1.30 fuses a Gemm only where its weight's zero points are written down, although they are 0. */
  private giveZeroPoint({ node, layer }: IntegerNode): void {
    const dequantize = this.graph.producer(node.input[1]!);
    if (dequantize?.opType !== 'DequantizeLinear') return;
    const draft = this.edits.draft(dequantize);
    if (draft.input.length !== 2) return;
    const count = this.scales.weights.get(layer)!.length;
    const zeroPoint = this.freshName(`${node.input[1]!}_zero_point`);
    this.edits.addInitializers([
      makeTensor(zeroPoint, DataType.INT8, count > 1 ? [count] : [], new Uint8Array(count)),
    ]);
    draft.input.push(zeroPoint);
  }

  /** Adds a node's bias in int32; its name. */
  private integerBias(planned: IntegerNode, bias: TensorProto): string {
    const { layer, input } = planned;
    const inputScale = this.quantizerOf(input).scales[0]!;
    const biasScales = this.scales.weights.get(layer)!.map((scale) => scale * inputScale);
    // The weights' scales leave room for them (`scalesForBias`).
    const codes = Int32Array.from(this.scales.biases.get(planned)!, (value, i) =>
      Math.round(value / biasScales[biasScales.length === 1 ? 0 : i]!),
    );
    const perChannel = biasScales.length > 1;
    const [name, scale] = [this.freshName(`${bias.name}_int32`), this.freshName(`${bias.name}_scale`)];
    this.edits.addInitializers([
      makeTensor(name, DataType.INT32, [codes.length], toBytes(codes)),
      makeTensor(scale, DataType.FLOAT, perChannel ? [biasScales.length] : [], toBytes(biasScales)),
    ]);
    const result = this.freshName(`${bias.name}_dequantized`);
    const attributes = perChannel ? [intAttribute('axis', 0)] : [];
    this.edits.addFirst([makeNode('DequantizeLinear', [name, scale], result, attributes)]);
    return result;
  }
}
