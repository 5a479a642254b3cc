/** Which inputs of which operators are weights (ONNX and ONNX Runtime contrib operator specifications). */
import type { NodeProto } from 'onnx-buf';
import { attribute, intOf, isStandard } from '../graph/nodes';

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

/** W and R of a recurrent node, [directions, gates * hidden, inputs]: each gate's row in each direction is a channel. */
const recurrent: Rule = () => [input(1, [0, 1], '.W'), input(2, [0, 1], '.R')];

/** Float weights of the operators that are quantized. */
const RULES: Readonly<Record<string, Rule>> = {
  Conv: () => [input(1, [0])],
  ConvTranspose: () => [input(1, [1])],
  MatMul: () => [input(1, [-1]), input(0, [-2])],
  Gemm: (node) => [input(1, [intOf(node, 'transB') ? 0 : 1]), input(0, [intOf(node, 'transA') ? 1 : 0])],
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  Gather: (node) => [input(0, [intOf(node, 'axis')])],
};

/** Products take a weight on either side; all others take one in each place. */
const EITHER_SIDE: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);

/** Where operators that compute on quantized weights take them. */
const QUANTIZED: Readonly<Record<string, readonly number[]>> = {
  QLinearConv: [3],
  QLinearMatMul: [3, 0],
  ConvInteger: [1],
  MatMulInteger: [1, 0],
  MatMulIntegerToFloat: [1, 0],
  DynamicQuantizeMatMul: [1],
  DynamicQuantizeLSTM: [1, 2],
  QGemm: [3, 0],
  QAttention: [1],
  MatMulNBits: [1],
  MatMulBnb4: [1],
  GatherBlockQuantized: [0],
};

/** QLinearAdd, QLinearMul and their like: A, scale, zero point, B, scale, zero point. */
const QLINEAR_OPERANDS = [0, 3];

export function weightInputs(node: NodeProto): WeightInput[] {
  if (!isStandard(node) || !Object.hasOwn(RULES, node.opType)) return [];
  return RULES[node.opType]!(node).filter(({ index }) => node.input[index]);
}

/** Inputs of a node that may hold weights in quantized form. */
export function quantizedInputs(node: NodeProto): readonly number[] {
  if (Object.hasOwn(QUANTIZED, node.opType)) return QUANTIZED[node.opType]!;
  return node.opType.startsWith('QLinear') ? QLINEAR_OPERANDS : [];
}

export function takesEitherSide({ opType }: NodeProto): boolean {
  return EITHER_SIDE.has(opType);
}

/** Bits of a packed code where the node says it. */
export function declaredBits(node: NodeProto): number | null {
  const bits = attribute(node, 'bits')?.i;
  return bits ? Number(bits) : null;
}

/** The role of a constant for the node that uses it, as a reason for not quantizing it. */
export function roleOf(node: NodeProto, index: number): string {
  const { opType } = node;
  if (['Conv', 'ConvTranspose', 'Gemm'].includes(opType) && index === 2) return `bias of ${opType}`;
  if (['LSTM', 'GRU', 'RNN'].includes(opType) && index >= 3) return `bias or state of ${opType}`;
  if (opType.endsWith('Normalization')) return `parameter of ${opType}`;
  if (/^(Dynamic|De)?QuantizeLinear$/.test(opType) && index > 0) return 'scale of a quantized tensor';
  if (quantizedInputs(node).length > 0) return `parameter of ${opType}`;
  if (weightInputs(node).some((weight) => weight.index === index))
    return `weight of ${opType} with fewer than two dimensions`;
  return `constant operand of ${opType}`;
}
