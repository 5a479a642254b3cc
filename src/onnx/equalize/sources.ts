import type { NodeProto } from 'onnx-buf';
import type { ChannelMap } from '../../quant/equalization/ChannelMap';
import { elementCount, tensorShape } from '../file/shapes';
import { intOf, isStandard } from '../graph/nodes';
import type { Scope } from '../graph/Scope';
import { floatConstant, vectorOperand } from './constantOperand';
import type { EqualizationPair, Operand } from './EqualizationPair';
import { LAST, type Place } from './Place';

/** A node whose constants can take up the scales of what it makes. */
export interface Source {
  readonly kind: EqualizationPair['source'];
  readonly tensor: string;
  readonly place: Place;
  readonly channels: number;
  readonly operands: readonly Operand[];
}

const NORMALIZATIONS: ReadonlySet<string> = new Set([
  ...['BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'RMSNormalization'],
]);
const BIAS = 2;

/** @returns null for a node that is no such thing */
export function sourceOf(node: NodeProto, scope: Scope): Source | null {
  const [tensor, ...others] = node.output;
  if (!tensor || others.some(Boolean) || !isStandard(node)) return null;
  const found = NORMALIZATIONS.has(node.opType)
    ? normalization(node, scope)
    : node.opType === 'Mul' || node.opType === 'Div'
      ? constantFactor(node, scope)
      : layer(node, scope);
  return found && { ...found, tensor };
}

type Found = Omit<Source, 'tensor'> | null;

function layer(node: NodeProto, scope: Scope): Found {
  const constant = floatConstant(node, 1, scope);
  const shape = constant && tensorShape(constant.tensor);
  const made = shape && shape.length >= 2 ? madeBy(node, shape) : null;
  if (!constant || !made || !Object.values(made.map).every((size) => Number.isInteger(size) && size > 0))
    return null;
  const { map, place } = made;
  const channels = map.groups * map.channels;
  const operands: Operand[] = [{ node, index: 1, constant, map, multiplied: false, dims: null }];
  if (node.input[BIAS]) {
    const bias = biasOperand(node, channels, scope);
    if (!bias) return null;
    operands.push(bias);
  }
  return { kind: 'layer', place, channels, operands };
}

/** Where the output channels of a layer are in its weight and in its output. */
function madeBy(node: NodeProto, shape: readonly number[]): { map: ChannelMap; place: Place } | null {
  const [first, second] = shape as [number, number];
  const picture: Place = { axis: 1, rank: shape.length, inner: 1 };
  switch (node.opType) {
    case 'Conv':
      return {
        map: { groups: 1, repeat: 1, channels: first, inner: elementCount(shape.slice(1)) },
        place: picture,
      };
    case 'ConvTranspose': {
      const groups = intOf(node, 'group') || 1;
      const map = { groups, repeat: first / groups, channels: second, inner: elementCount(shape.slice(2)) };
      return { map, place: picture };
    }
    case 'MatMul':
      return shape.length === 2
        ? { map: { groups: 1, repeat: first, channels: second, inner: 1 }, place: LAST }
        : null;
    case 'Gemm': {
      const place: Place = { axis: 1, rank: 2, inner: 1 };
      return intOf(node, 'transB') === 1
        ? { map: { groups: 1, repeat: 1, channels: first, inner: second }, place }
        : { map: { groups: 1, repeat: first, channels: second, inner: 1 }, place };
    }
    default:
      return null;
  }
}

/** A bias along the channels; one number for all is written out, as each channel divides it by its own scale. */
function biasOperand(node: NodeProto, channels: number, scope: Scope): Operand | null {
  const constant = floatConstant(node, BIAS, scope);
  const shape = constant && tensorShape(constant.tensor);
  if (!shape) return null;
  const count = elementCount(shape);
  const isOne = count === 1 && channels > 1;
  if (!isOne && shape.at(-1) !== channels) return null;
  const map = { groups: 1, repeat: isOne ? 1 : count / channels, channels, inner: 1 };
  return { node, index: BIAS, constant, map, multiplied: false, dims: isOne ? [channels] : null };
}

/** Scale and shift of a normalization, which follow it channel by channel. */
function normalization(node: NodeProto, scope: Scope): Found {
  const scale = floatConstant(node, 1, scope);
  const shape = scale && tensorShape(scale.tensor);
  if (shape?.length !== 1 || !(shape[0]! > 0)) return null;
  const channels = shape[0]!;
  const operands = [1, ...(node.input[2] ? [2] : [])].map((index) =>
    vectorOperand(node, index, channels, scope),
  );
  if (!operands.every((operand) => operand !== null)) return null;
  const byLast = node.opType === 'LayerNormalization' || node.opType === 'RMSNormalization';
  return { kind: 'scale', place: byLast ? LAST : { axis: 1, rank: null, inner: 1 }, channels, operands };
}

/** A constant that all of an activation's channels are multiplied with or divided by, each with its own number. */
function constantFactor(node: NodeProto, scope: Scope): Found {
  for (const index of node.opType === 'Mul' ? [1, 0] : [1]) {
    const constant = floatConstant(node, index, scope);
    const shape = constant && tensorShape(constant.tensor);
    const axis = shape?.findIndex((size) => size > 1) ?? -1;
    if (!constant || !shape || axis < 0) continue;
    const channels = shape[axis]!;
    if (elementCount(shape) !== channels) continue;
    const map = { groups: 1, repeat: 1, channels, inner: 1 };
    return {
      kind: 'scale',
      place: { axis: axis - shape.length, rank: null, inner: 1 },
      channels,
      operands: [{ node, index, constant, map, multiplied: node.opType === 'Div', dims: null }],
    };
  }
  return null;
}
