import { TensorProto_DataType as DataType, type NodeProto } from 'onnx-buf';
import type { ChannelMap } from '../../quant/equalization/ChannelMap';
import { elementCount, tensorShape } from '../file/shapes';
import type { ConstantTensor, Scope } from '../graph/Scope';
import type { Operand } from './EqualizationPair';
import { fromEnd, type Place } from './Place';

/** The dense float32 constant of a graph that a node reads; null if the input is another thing. */
export function floatConstant(node: NodeProto, index: number, scope: Scope): ConstantTensor | null {
  const name = node.input[index];
  const definition = name ? scope.definitions.get(name) : undefined;
  if (definition?.kind !== 'constant' || definition.constant.sparse) return null;
  return definition.constant.tensor.dataType === DataType.FLOAT ? definition.constant : null;
}

/** A constant of one number for each channel, such as a bias; null if it is none. */
export function vectorOperand(
  node: NodeProto,
  index: number,
  channels: number,
  scope: Scope,
): Operand | null {
  const constant = floatConstant(node, index, scope);
  if (!constant || elementCount(tensorShape(constant.tensor)) !== channels) return null;
  const map = { groups: 1, repeat: 1, channels, inner: 1 };
  return { node, index, constant, map, multiplied: false, dims: null };
}

/**
 * A constant that an activation is added to or multiplied with, element by element.
 * @returns null if it is no constant, has no number for each channel, or gives the result another shape than the activation has
 */
export function broadcastOperand(
  node: NodeProto,
  index: number,
  place: Place,
  channels: number,
  scope: Scope,
): Operand | null {
  const constant = floatConstant(node, index, scope);
  const map = constant && broadcastMap(tensorShape(constant.tensor), place, channels);
  return map && { node, index, constant, map, multiplied: false, dims: null };
}

/** Whether a tensor of this shape, as the other operand of an activation, leaves the activation's axes where they are. */
export function keepsAxes(dims: readonly number[], { axis, rank }: Place): boolean {
  // Axes that it has in front move those that are counted from there.
  return rank === null ? axis < 0 || dims.length <= axis + 1 : dims.length <= rank;
}

function broadcastMap(dims: readonly number[], place: Place, channels: number): ChannelMap | null {
  const end = fromEnd(place);
  if (end === null || !keepsAxes(dims, place) || dims.length < -end) return null;
  const at = dims.length + end;
  const inner = dims[at]! / channels;
  if (!Number.isInteger(inner) || inner === 0 || (place.inner !== null && inner !== place.inner)) return null;
  return {
    groups: 1,
    repeat: elementCount(dims.slice(0, at)),
    channels,
    inner: inner * elementCount(dims.slice(at + 1)),
  };
}
