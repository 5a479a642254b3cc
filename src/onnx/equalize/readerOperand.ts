import { TensorProto_DataType as DataType, type NodeProto } from 'onnx-buf';
import type { ChannelMap } from '../../quant/equalization/ChannelMap';
import { elementCount, tensorShape } from '../file/shapes';
import { intOf, isStandard } from '../graph/nodes';
import type { Scope } from '../graph/Scope';
import { floatConstant } from './constantOperand';
import type { Operand } from './EqualizationPair';
import { fromFront, type Place } from './Place';

/** Which input of an operator is its weight, by the input that is an activation. */
const WEIGHTS: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  Conv: { 0: 1 },
  ConvTranspose: { 0: 1 },
  MatMul: { 0: 1, 1: 0 },
  Gemm: { 0: 1 },
  LSTM: { 0: 1 },
  GRU: { 0: 1 },
  RNN: { 0: 1 },
};

/**
 * The weight that multiplies an activation channel by channel.
 * @param index of the activation among the node's inputs
 * @returns null if the node is no layer, or its weight's inputs are not the activation's channels
 */
export function readerOperand(
  node: NodeProto,
  index: number,
  place: Place,
  channels: number,
  scope: Scope,
): Operand | null {
  const at = isStandard(node) && Object.hasOwn(WEIGHTS, node.opType) && WEIGHTS[node.opType]![index];
  const constant = typeof at === 'number' ? floatConstant(node, at, scope) : null;
  if (!constant || constant.tensor.dataType !== DataType.FLOAT) return null;
  const shape = tensorShape(constant.tensor);
  const map = readerMap(node, index, shape, place, channels);
  const fits = map !== null && map.groups * map.channels === channels && Number.isInteger(map.inner);
  return fits && map.inner > 0 && map.repeat >= 1
    ? { node, index: at as number, constant, map, multiplied: true, dims: null }
    : null;
}

function readerMap(
  node: NodeProto,
  index: number,
  shape: readonly number[],
  place: Place,
  channels: number,
): ChannelMap | null {
  const [first, second] = shape as [number, number];
  switch (node.opType) {
    case 'Conv': {
      if (!isAxis(place, 1, shape.length)) return null;
      const groups = intOf(node, 'group') || 1;
      const repeat = first / groups;
      return Number.isInteger(repeat)
        ? { groups, repeat, channels: second, inner: elementCount(shape.slice(2)) }
        : null;
    }
    case 'ConvTranspose':
      if (!isAxis(place, 1, shape.length)) return null;
      return { groups: 1, repeat: 1, channels: first, inner: elementCount(shape.slice(1)) };
    case 'MatMul': {
      const right = index === 0;
      if (shape.length < 2 || !(right ? isLast(place) : isNextToLast(place))) return null;
      const matrices = elementCount(shape.slice(0, -2));
      const [rows, columns] = shape.slice(-2) as [number, number];
      return right
        ? rowsOf(rows, columns, matrices, place, channels)
        : { groups: 1, repeat: matrices * rows, channels: columns, inner: 1 };
    }
    case 'Gemm':
      if (shape.length !== 2 || !isLast(place) || intOf(node, 'transA') === 1) return null;
      return intOf(node, 'transB') === 1
        ? rowsOf(second, 1, first, place, channels)
        : rowsOf(first, second, 1, place, channels);
    default:
      // W of a recurrent layer: [directions][gates * hidden][inputs].
      if (!isLast(place) || shape.length !== 3 || intOf(node, 'layout') !== 0) return null;
      return rowsOf(shape[2]!, 1, first * second, place, channels);
  }
}

/** The inputs of a matrix, several of which may belong to one channel, and what follows each. */
function rowsOf(
  inputs: number,
  behind: number,
  repeat: number,
  { inner }: Place,
  channels: number,
): ChannelMap | null {
  const each = inputs / channels;
  if (inner !== null && inner !== each) return null;
  return { groups: 1, repeat, channels, inner: each * behind };
}

function isAxis(place: Place, axis: number, rank: number): boolean {
  return place.inner === 1 && [null, rank].includes(place.rank) && fromFront(place, rank) === axis;
}

function isLast({ axis, rank }: Place): boolean {
  return axis === -1 || (rank !== null && axis === rank - 1);
}

function isNextToLast({ axis, rank, inner }: Place): boolean {
  return inner === 1 && (axis === -2 || (rank !== null && axis === rank - 2));
}
