/** Where the output channels of a weight are before each data movement that it went through. */
import type { NodeProto } from 'onnx-buf';
import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import { attribute, intOf } from '../graph/nodes';
import type { Scope } from '../graph/Scope';
import { elementCount } from '../file/shapes';

/**
 * Which elements of a tensor form a channel: said by the axes that count channels (negative ones from the end), or, after a
 * change of shape, by the layout of the elements, of which one number may be open (-1).
 */
export type Channels = { readonly axes: readonly number[] } | { readonly layout: ChannelLayout };

/** Movements that leave every axis where it is. */
const KEEPING: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Slice', 'Split', 'Concat']);

/**
 * Follows channels from a node's output to its data input.
 * @returns null where that cannot be told
 */
export function channelsBefore(node: NodeProto, scope: Scope, channels: Channels): Channels | null {
  if (node.opType === 'Reshape')
    return 'layout' in channels ? channels : beforeReshape(node, scope, channels.axes);
  if ('layout' in channels)
    // What selects or reorders elements needs axes; these change none.
    return node.opType === 'Identity' || node.opType === 'Cast' ? channels : null;
  const { axes } = channels;
  if (KEEPING.has(node.opType)) return channels;
  if (node.opType === 'Transpose') return { axes: beforeTranspose(node, axes) };
  if (node.opType !== 'Unsqueeze' && node.opType !== 'Squeeze') return null;
  // The axes are an attribute before opset 13, an input since.
  const changed = attribute(node, 'axes')?.ints.map(Number) ?? scope.ints(node.input[1]);
  // Axes from the end and from the front cannot be compared without the rank.
  if (!changed || [...changed, ...axes].some((axis) => axis < 0)) return null;
  return { axes: node.opType === 'Unsqueeze' ? withoutAdded(axes, changed) : withRemoved(axes, changed) };
}

/** The layout of the channels of a tensor with this shape; one channel of everything where they cannot be told. */
export function resolveLayout(shape: readonly number[], channels: Channels | null): ChannelLayout {
  const count = elementCount(shape);
  const whole = { outer: 1, channels: 1, inner: count };
  if (!channels) return whole;
  const layout = 'layout' in channels ? channels.layout : layoutOf(shape, channels.axes);
  return (layout && closed(layout, count)) ?? whole;
}

/** With the axis that a constant target shape leaves open (-1), the layout has an open number. */
function beforeReshape(node: NodeProto, scope: Scope, axes: readonly number[]): Channels | null {
  const target = scope.ints(node.input[1]);
  // 0 stands for the input's size, which is not known here.
  if (!target || target.some((size) => size === 0 || size < -1) || intOf(node, 'allowzero') !== 0)
    return null;
  const layout = layoutOf(target, axes);
  return layout && { layout };
}

/** Null if the axes do not lie side by side, or are none. */
function layoutOf(shape: readonly number[], axes: readonly number[]): ChannelLayout | null {
  const sorted = axes.map((axis) => (axis < 0 ? axis + shape.length : axis)).sort((a, b) => a - b);
  const first = sorted[0];
  if (first === undefined || first < 0 || first + sorted.length > shape.length) return null;
  if (sorted.some((axis, i) => axis !== first + i)) return null;
  const end = first + sorted.length;
  const product = (sizes: readonly number[]) => (sizes.includes(-1) ? -1 : elementCount(sizes));
  return {
    outer: product(shape.slice(0, first)),
    channels: product(shape.slice(first, end)),
    inner: product(shape.slice(end)),
  };
}

/** Finds the open number, if there is one; null if the layout does not fit `count` elements. */
function closed({ outer, channels, inner }: ChannelLayout, count: number): ChannelLayout | null {
  const known = elementCount([outer, channels, inner].filter((size) => size !== -1));
  const fill = (size: number) => (size === -1 ? count / known : size);
  const layout = { outer: fill(outer), channels: fill(channels), inner: fill(inner) };
  const sizes = Object.values(layout);
  return sizes.every(Number.isInteger) && elementCount(sizes) === count ? layout : null;
}

function beforeTranspose(node: NodeProto, axes: readonly number[]): number[] {
  const perm = attribute(node, 'perm')?.ints.map(Number);
  // Without a permutation the axes are reversed: the first becomes the last.
  if (!perm) return axes.map((axis) => -axis - 1);
  return axes.map((axis) => perm[axis < 0 ? axis + perm.length : axis] ?? NaN).filter((axis) => axis >= 0);
}

function withoutAdded(axes: readonly number[], added: readonly number[]): number[] {
  return axes
    .filter((axis) => !added.includes(axis))
    .map((axis) => axis - added.filter((other) => other < axis).length);
}

function withRemoved(axes: readonly number[], removed: readonly number[]): number[] {
  const ascending = [...removed].sort((a, b) => a - b);
  return axes.map((axis) => ascending.reduce((place, other) => (other <= place ? place + 1 : place), axis));
}
