import type { NodeProto } from 'onnx-buf';
import { attribute } from './Scope';

/**
 * An input of a node that is a weight, and which of its axes count output channels: from the front (0, 1, …) or, where
 * the rank is open, from the end (-1, -2, …).
 */
export interface WeightInput {
  readonly index: number;
  readonly axes: readonly number[];
  /** Distinguishes several weights of one node. */
  readonly suffix: string;
}

type Rule = (node: NodeProto) => WeightInput[];

const input = (index: number, axes: readonly number[], suffix = ''): WeightInput => ({ index, axes, suffix });
const flag = (node: NodeProto, name: string) => Number(attribute(node, name)?.i ?? 0n);

/** W and R of a recurrent node, [directions, gates * hidden, inputs]: each gate's row in each direction is a channel. */
const recurrent: Rule = () => [input(1, [0, 1], '.W'), input(2, [0, 1], '.R')];

/** Float weights of the operators that are quantized (ONNX operator specifications). */
const RULES: Readonly<Record<string, Rule>> = {
  Conv: () => [input(1, [0])],
  ConvTranspose: () => [input(1, [1])],
  MatMul: () => [input(1, [-1]), input(0, [-2])],
  Gemm: (node) => [input(1, [flag(node, 'transB') ? 0 : 1]), input(0, [flag(node, 'transA') ? 1 : 0])],
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  Gather: (node) => [input(0, [flag(node, 'axis')])],
};

/** Where operators that compute on quantized weights take them (ONNX and ONNX Runtime contrib operator specifications). */
const QUANTIZED: Readonly<Record<string, readonly number[]>> = {
  QLinearConv: [3],
  QLinearMatMul: [3],
  ConvInteger: [1],
  MatMulInteger: [1],
  MatMulIntegerToFloat: [1],
  DynamicQuantizeMatMul: [1],
  DynamicQuantizeLSTM: [1, 2],
  QGemm: [3],
  QAttention: [1],
  MatMulNBits: [1],
  MatMulBnb4: [1],
  GatherBlockQuantized: [0],
};

export function weightInputs(node: NodeProto): WeightInput[] {
  const standard = node.domain === '' || node.domain === 'ai.onnx';
  return (standard && Object.hasOwn(RULES, node.opType) && RULES[node.opType]!(node)) || [];
}

/** Inputs of a node that holds weights in quantized form. */
export function quantizedInputs(node: NodeProto): readonly number[] {
  return Object.hasOwn(QUANTIZED, node.opType) ? QUANTIZED[node.opType]! : [];
}

/** What a constant is to the node that uses it, as a reason for not quantizing it. */
export function roleOf(node: NodeProto, index: number): string {
  const { opType } = node;
  if (['Conv', 'ConvTranspose', 'Gemm'].includes(opType) && index === 2) return `bias of ${opType}`;
  if (['LSTM', 'GRU', 'RNN'].includes(opType) && index >= 3) return `bias or state of ${opType}`;
  if (/Normalization$/.test(opType)) return `parameter of ${opType}`;
  if (/^(De)?[Qq]uantizeLinear$/.test(opType) && index > 0) return 'scale of a quantized tensor';
  if (quantizedInputs(node).length > 0) return `parameter of ${opType}`;
  if (weightInputs(node).some((weight) => weight.index === index))
    return `weight of ${opType} with fewer than two dimensions`;
  return `constant operand of ${opType}`;
}
