import { TensorProto_DataType as DataType, type NodeProto } from 'onnx-buf';
import type { Graph } from '../graph/Graph';
import { attribute, intOf, isStandard } from '../graph/nodes';
import type { ConstantTensor } from '../graph/Scope';
import { isChannelBias } from './channelBias';
import type { Layer } from './findLayers';

/** Where a layer has a bias, or can have one. */
export interface BiasPlace {
  /** The node that multiplies with the weight. */
  readonly node: NodeProto;
  /** The node that adds the bias: itself, or the Add behind it; null if there is none, and an Add would have to be put there. */
  readonly adder: NodeProto | null;
  /** Which of the adder's inputs the bias is. */
  readonly index: number;
  /** As it is; null for none. */
  readonly bias: ConstantTensor | null;
  readonly channels: number;
  /** The axis of channels in the node's result; -1 for the last one. */
  readonly axis: 1 | -1;
}

const BIAS = 2;

/**
 * Finds a layer's bias.
 * @param nodes that compute with its weight
 * @returns or why it can have none, as the end of a sentence
 */
export function biasPlace(
  graph: Graph,
  nodes: readonly NodeProto[],
  { layout, summary, constant }: Layer,
): BiasPlace | string {
  const [node] = nodes;
  if (!node || nodes.length > 1) return 'several nodes share its weight';
  if (constant.tensor.dataType !== DataType.FLOAT) return `its weight is ${summary.elementType}`;
  if (!isStandard(node) || graph.main.isConstant(node.input[0] ?? ''))
    return 'its weight is no second factor';
  switch (node.opType) {
    case 'Gemm':
      if ((attribute(node, 'beta')?.f ?? 1) !== 1) return 'it scales its bias';
      return ownBias(graph, node, layout.channels);
    case 'Conv':
      return ownBias(graph, node, layout.channels);
    case 'ConvTranspose':
      return ownBias(graph, node, layout.channels * (intOf(node, 'group') || 1));
    case 'MatMul':
      return summary.shape.length === 2
        ? addedBias(graph, node, layout.channels)
        : 'its weight is more than one matrix';
    default:
      return `${node.opType} has no bias for its outputs`;
  }
}

function ownBias(graph: Graph, node: NodeProto, channels: number): BiasPlace | string {
  const name = node.input[BIAS] ?? '';
  const bias = name === '' ? null : channelConstant(graph, name, channels);
  return bias === undefined
    ? 'its bias is computed'
    : { node, adder: node, index: BIAS, bias, channels, axis: 1 };
}

function addedBias(graph: Graph, node: NodeProto, channels: number): BiasPlace {
  const [output] = node.output;
  const place = { node, channels, axis: -1 } as const;
  const reader = graph.soleConsumer(output!);
  if (reader?.opType === 'Add' && isStandard(reader)) {
    const index = reader.input[0] === output ? 1 : 0;
    const bias = channelConstant(graph, reader.input[index]!, channels);
    if (bias) return { ...place, adder: reader, index, bias };
  }
  return { ...place, adder: null, index: 1, bias: null };
}

/** A constant that adds one float to each channel; undefined if `name` is none. */
function channelConstant({ main }: Graph, name: string, channels: number): ConstantTensor | undefined {
  const definition = main.definitions.get(name);
  if (definition?.kind !== 'constant' || definition.constant.sparse) return undefined;
  const { tensor } = definition.constant;
  const isOne = tensor.dataType === DataType.FLOAT && isChannelBias(tensor, channels);
  return isOne ? definition.constant : undefined;
}
