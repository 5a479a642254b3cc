import type { NodeProto } from 'onnx-buf';
import type { Graph } from '../graph/Graph';
import { attribute, isStandard } from '../graph/nodes';
import { behindClip } from './clips';

/** A node without weights that reads and makes quantized activations. */
export interface ChainNode {
  readonly node: NodeProto;
  /** The activations that it reads; other inputs are shapes, axes and the like. */
  readonly inputs: readonly string[];
  /** The tensor of its result that is quantized: its output, or that of the Relu or Clip behind it. */
  readonly output: string;
  /** Whether its result consists of values of its input, and so has the input's scale. */
  readonly movesData: boolean;
}

/** The graph, and what of it was decided already. */
export interface ChainContext {
  readonly graph: Graph;
  /** Activations that planned layers read or make. */
  readonly quantized: ReadonlySet<string>;
  /** Activations that planned layers read. */
  readonly read: ReadonlySet<string>;
  /** Activations that must stay as they are: the model's outputs, and what float layers read. */
  readonly outputs: ReadonlySet<string>;
}

/** Operators that onnxruntime has kernels for whose inputs and output each have a scale. */
const ON_ALL_INPUTS: ReadonlySet<string> = new Set(['Add', 'Mul', 'Concat']);
const ON_FIRST_INPUT: ReadonlySet<string> = new Set([
  ...['AveragePool', 'GlobalAveragePool', 'Sigmoid', 'LeakyRelu'],
]);
/** Operators whose result consists of values of their first input: codes pass through them as they are. */
export const MOVES_DATA: ReadonlySet<string> = new Set([
  ...['MaxPool', 'Resize', 'Reshape', 'Transpose', 'Flatten'],
  ...['Squeeze', 'Unsqueeze', 'Slice', 'Expand', 'Tile'],
]);

/**
 * The nodes between integer layers that can stay in integers: every activation that they read is quantized, and a layer
 * or another such node reads what they make. onnxruntime fuses those between DequantizeLinear and QuantizeLinear.
 *
 * Of sums only those with a Relu or Clip behind them, as in ResNet. Without, as in MobileNet's linear bottlenecks, one
 * sum is added to the next, and rounding each to 8 bits loses more (0.6 dB of a text classifier's output SQNR on
 * average, up to 1.7) than it saves (3 % of its time, where ResNet saves a third).
 */
export function planChains({ graph, quantized, read, outputs }: ChainContext): ChainNode[] {
  const codes = new Set(quantized);
  const able: ChainNode[] = [];
  // Producers come before their consumers (ONNX IR specification, "Graphs").
  for (const node of graph.nodes) {
    const inputs = activationsOf(node);
    if (!inputs?.every((name) => codes.has(name))) continue;
    const movesData = MOVES_DATA.has(node.opType);
    const output = movesData ? node.output[0]! : behindClip(graph, node.output[0]!);
    if (outputs.has(output) || (node.opType === 'Add' && output === node.output[0])) continue;
    able.push({ node, inputs: [...new Set(inputs)], output, movesData });
    codes.add(output);
  }
  const wanted = new Set(read);
  const kept = able.toReversed().filter(({ inputs, output }) => {
    const isRead = wanted.has(output);
    if (isRead) for (const name of inputs) wanted.add(name);
    return isRead;
  });
  return kept.toReversed();
}

/** The activations that a node computes on, if it can compute on their codes. */
function activationsOf(node: NodeProto): readonly string[] | null {
  // A second output holds positions, which have no scale.
  if (!isStandard(node) || node.output.length !== 1) return null;
  if (ON_ALL_INPUTS.has(node.opType)) return node.input;
  if (node.opType === 'Resize' && !isNearest(node)) return null;
  return ON_FIRST_INPUT.has(node.opType) || MOVES_DATA.has(node.opType) ? node.input.slice(0, 1) : null;
}

/** Whether a Resize picks values rather than mixing them, as it does by default. */
function isNearest(node: NodeProto): boolean {
  const mode = attribute(node, 'mode')?.s;
  return mode === undefined || new TextDecoder().decode(mode) === 'nearest';
}
