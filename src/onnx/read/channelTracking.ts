/** Where the output channels of a weight are before each data movement that it went through. */
import type { NodeProto } from 'onnx-buf';
import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import { attribute, intOf } from '../graph/nodes';
import type { Scope } from '../graph/Scope';
import { elementCount } from '../file/shapes';
import { movedAxes } from './movedShapes';

/**
 * Which elements of a tensor form a channel: said by the axes that count channels (negative ones from the end), or, after a
 * change of shape, by the layout of the elements, of which one number may be open (-1).
 */
export type Channels = { readonly axes: readonly number[] } | { readonly layout: ChannelLayout };

/** Shapes of a node's data input and of its output; null where they are not known. */
export interface MovedShapes {
  readonly before: readonly number[] | null;
  readonly after: readonly number[] | null;
}

/** Movements that leave every axis where it is. */
const KEEPING: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Slice', 'Split', 'Concat']);

/**
 * Follows channels from a node's output to its data input.
 * @returns null where that cannot be told
 */
export function channelsBefore(
  node: NodeProto,
  scope: Scope,
  channels: Channels,
  shapes: MovedShapes,
): Channels | null {
  if (node.opType === 'Reshape' || node.opType === 'Flatten')
    return beforeReshape(node, scope, channels, shapes);
  if ('layout' in channels)
    // Operators that select or reorder elements need axes; these change none.
    return node.opType === 'Identity' || node.opType === 'Cast' ? channels : null;
  const { axes } = channels;
  if (KEEPING.has(node.opType)) return channels;
  if (node.opType === 'Transpose') return { axes: beforeTranspose(node, axes) };
  if (node.opType !== 'Unsqueeze' && node.opType !== 'Squeeze') return null;
  // The axes are those of the longer shape.
  const longer = node.opType === 'Unsqueeze' ? shapes.after : shapes.before;
  const changed = changedAxes(node, scope, shapes);
  const own = fromFront(axes, shapes.after);
  const all = changed && fromFront(changed, longer);
  // Axes from the end and from the front cannot be compared without the rank.
  if (!all || [...all, ...own].some((axis) => axis < 0)) return null;
  return { axes: node.opType === 'Unsqueeze' ? withoutAdded(own, all) : withRemoved(own, all) };
}

/** The layout of the channels of a tensor with this shape; one channel of everything where they cannot be told. */
export function resolveLayout(shape: readonly number[], channels: Channels | null): ChannelLayout {
  const count = elementCount(shape);
  const whole = { outer: 1, channels: 1, inner: count };
  if (!channels) return whole;
  const layout = 'layout' in channels ? channels.layout : layoutOf(shape, channels.axes);
  return (layout && closed(layout, count)) ?? whole;
}

/** In axes where the input has axes for them; else in a layout, of which the axis that a target leaves open (-1) is open. */
function beforeReshape(
  node: NodeProto,
  scope: Scope,
  channels: Channels,
  { before, after }: MovedShapes,
): Channels | null {
  const target = after ?? plainTarget(node, scope);
  const layout = 'layout' in channels ? channels.layout : target && layoutOf(target, channels.axes);
  if (!layout) return null;
  const axes = before && axesOf(before, layout);
  return axes ? { axes } : { layout };
}

/** The shape that a Reshape gives whatever goes in; one size may be open (-1). */
function plainTarget(node: NodeProto, scope: Scope): readonly number[] | null {
  const target = node.opType === 'Reshape' ? scope.ints(node.input[1]) : null;
  // 0 stands for the input's size, which is not known here.
  return !target || target.some((size) => size === 0 || size < -1) || intOf(node, 'allowzero') !== 0
    ? null
    : target;
}

/** The axes of a shape, side by side, that count the channels of a layout; null if none do. */
function axesOf(shape: readonly number[], layout: ChannelLayout): readonly number[] | null {
  const whole = closed(layout, elementCount(shape));
  if (!whole) return null;
  // From behind, so that axes of size 1 before the channels are left out.
  for (let first = shape.length - 1; first >= 0; first--)
    for (let end = first + 1; end <= shape.length; end++) {
      const found = layoutOf(shape, axesBetween(first, end))!;
      if (found.outer === whole.outer && found.channels === whole.channels) return axesBetween(first, end);
    }
  return null;
}

function axesBetween(first: number, end: number): readonly number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}

/** Null if the axes do not lie side by side, or are none. */
function layoutOf(shape: readonly number[], axes: readonly number[]): ChannelLayout | null {
  const sorted = fromFront(axes, shape).sort((a, b) => a - b);
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
  const given = elementCount([outer, channels, inner].filter((size) => size !== -1));
  const fill = (size: number) => (size === -1 ? count / given : size);
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

/** A Squeeze that names none removes all of size 1. */
function changedAxes(node: NodeProto, scope: Scope, { before }: MovedShapes): readonly number[] | null {
  const axes = movedAxes(node, scope);
  if (axes || node.opType !== 'Squeeze' || node.input[1]) return axes;
  return before && [...before.keys()].filter((axis) => before[axis] === 1);
}

function fromFront(axes: readonly number[], shape: readonly number[] | null): number[] {
  return axes.map((axis) => (axis < 0 && shape ? axis + shape.length : axis));
}

function withoutAdded(axes: readonly number[], added: readonly number[]): number[] {
  return axes
    .filter((axis) => !added.includes(axis))
    .map((axis) => axis - added.filter((other) => other < axis).length);
}

function withRemoved(axes: readonly number[], removed: readonly number[]): number[] {
  const ascending = [...removed].sort((a, b) => a - b);
  return axes.map((axis) => ascending.reduce((moved, other) => (other <= moved ? moved + 1 : moved), axis));
}
