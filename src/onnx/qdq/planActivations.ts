import { quoted } from '../../base/quoted';
import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import { attribute, isStandard } from '../graph/nodes';
import type { Graph } from '../graph/Graph';
import { isChannelBias } from '../read/channelBias';
import type { InspectedModel } from '../read/inspectModel';
import { behindClip } from './clips';
import { planChains, type ChainNode } from './planChains';
import { readInFloat } from './readInFloat';

/** A node that is to compute in integers. */
export interface IntegerNode {
  readonly node: NodeProto;
  /** The layer whose weight it takes. */
  readonly layer: string;
  /** The activation that it reads, its first input. */
  readonly input: string;
  /** The tensor of its result that is quantized: its output, or that of the Relu or Clip behind it. */
  readonly output: string;
  /** Whether the result stays float: onnxruntime has kernels that make no codes of matrix products. */
  readonly floatResult: boolean;
  /** Output channels of the layer. */
  readonly channels: number;
  /** Adds one number to each channel, as `channelBias` reads it; null for none. */
  readonly bias: TensorProto | null;
}

export interface ActivationPlan {
  readonly nodes: readonly IntegerNode[];
  /** Nodes between them, which stay in integers as well. */
  readonly chain: readonly ChainNode[];
  /** Every activation that gets a scale of its own, each once, whoever reads or makes it. */
  readonly tensors: readonly string[];
  /** Activations that have another's scale, as their values are the other's: by name, one of `tensors`. */
  readonly scaledAs: ReadonlyMap<string, string>;
  /** Whether results stay float where they may. */
  readonly floatResults: boolean;
  /** Layers that stay weight-only though integers were asked for: name to reason. */
  readonly left: ReadonlyMap<string, string>;
}

/** Operators that onnxruntime has integer kernels for on every CPU, with the place of their weight. */
const OPERATORS: ReadonlySet<string> = new Set(['Conv', 'MatMul', 'Gemm']);
/** Those of them that onnxruntime has kernels for whose result is float: MatMulIntegerToFloat and QGemm. */
const WITH_FLOAT_RESULT: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);
const WEIGHT = 1;
const BIAS = 2;

/**
 * Which nodes can compute in integers, and which activations they need scales for (Jacob et al. 2017, section 2: input
 * and output of each layer).
 * @param wanted layers whose weights allow it, by name
 * @param float those of them, or layers that are float altogether, whose input is to stay as it is: what makes it then stays float
 * as well, as the codes of an integer kernel's result are all that there is of it
 * @param uneven layers whose weights have not the same zero point in all channels
 * @param floatResults whether the results of matrix products stay float, unless a node of the plan reads them as they are
 */
export function planActivations(
  model: InspectedModel,
  wanted: ReadonlySet<string>,
  float: ReadonlySet<string> = new Set(),
  uneven: ReadonlySet<string> = new Set(),
  floatResults = false,
): ActivationPlan {
  const { graph, layers } = model;
  const outputs = new Set(graph.model.graph.output.map(({ name }) => name));
  const byWeight = new Map(
    [...layers]
      .filter(([name, { constant }]) => wanted.has(name) && constant.scope === graph.main)
      .map(([name, { constant }]) => [constant.name, name]),
  );
  const nodes: IntegerNode[] = [];
  const left = new Map<string, string>();
  for (const node of graph.nodes) {
    const layer = node.input.map((name) => byWeight.get(name)).find((name) => name !== undefined);
    if (layer === undefined) continue;
    const bias = node.input[BIAS] ? constantOf(graph, node.input[BIAS]) : null;
    const { summary, layout } = layers.get(layer)!;
    const reason =
      summary.elementType === 'float32'
        ? (obstacle(node, byWeight, summary.shape, uneven.has(layer)) ?? biasObstacle(bias, layout.channels))
        : `onnxruntime has no integer kernels for ${summary.elementType}`;
    if (reason) left.set(layer, reason);
    else
      nodes.push({
        node,
        layer,
        input: node.input[0]!,
        output: behindClip(graph, node.output[0]!),
        floatResult: floatResults && WITH_FLOAT_RESULT.has(node.opType),
        channels: layout.channels,
        bias: bias ?? null,
      });
  }
  const found = new Set(nodes.map(({ layer }) => layer));
  for (const name of wanted)
    if (!left.has(name) && !found.has(name))
      left.set(name, 'it is not in the main graph, or is no Conv, MatMul or Gemm');
  const floatInputs = readInFloat(model, float);
  for (const { layer, output } of nodes) {
    const reader = floatInputs.get(output);
    if (float.has(layer)) left.set(layer, 'the recipe leaves what it reads in float');
    else if (reader !== undefined) left.set(layer, `${quoted(reader)} reads its result in float`);
  }
  // A weight that one node cannot take in integers stays float for all.
  const able = nodes.filter(({ layer }) => !left.has(layer));
  const read = new Set(able.map(({ input }) => input));
  const planned = able.map((each) => ({ ...each, floatResult: each.floatResult && !read.has(each.output) }));
  const quantized = new Set(
    planned.flatMap(({ input, output, floatResult }) => (floatResult ? [input] : [input, output])),
  );
  // An input that stays float must not be made of codes either.
  const kept = new Set([...outputs, ...floatInputs.keys()]);
  const chain = planChains({ graph, quantized, read, outputs: kept });
  for (const { output } of chain) quantized.add(output);
  const scaledAs = new Map<string, string>();
  for (const { inputs, output, movesData } of chain)
    if (movesData) scaledAs.set(output, scaledAs.get(inputs[0]!) ?? inputs[0]!);
  return {
    nodes: planned,
    chain,
    tensors: [...quantized].filter((name) => !scaledAs.has(name)),
    scaledAs,
    floatResults,
    left,
  };
}

/** Why the node cannot compute in integers, as the end of a sentence; null if it can. */
function obstacle(
  node: NodeProto,
  weights: ReadonlyMap<string, string>,
  shape: readonly number[],
  uneven: boolean,
): string | null {
  if (!isStandard(node) || !OPERATORS.has(node.opType)) return `${node.opType} has no integer kernel`;
  if (!weights.has(node.input[WEIGHT]!) || weights.has(node.input[0]!))
    return 'its weight is not the second input';
  if (node.opType === 'Conv' && uneven)
    return 'the zero points of its weight differ by channel; convolutions of integers take one for all, as in uint8/sym or uint8/tensor';
  // onnxruntime fuses those as well, with scales for columns that its kernel then refuses.
  if (node.opType === 'MatMul' && shape.length > 2) return 'its weight is more than one matrix';
  if (node.opType === 'Gemm' && ['alpha', 'beta'].some((name) => (attribute(node, name)?.f ?? 1) !== 1))
    return 'it scales its product';
  return null;
}

function constantOf({ main }: Graph, name: string): TensorProto | undefined {
  const definition = main.definitions.get(name);
  const isDense = definition?.kind === 'constant' && !definition.constant.sparse;
  return isDense ? definition.constant.tensor : undefined;
}

/** @param bias undefined if it is no constant, null if there is none */
function biasObstacle(bias: TensorProto | null | undefined, channels: number): string | null {
  if (bias === undefined || (bias && bias.dataType !== DataType.FLOAT)) return 'its bias is computed';
  return bias && !isChannelBias(bias, channels) ? 'its bias has not one number for each channel' : null;
}
