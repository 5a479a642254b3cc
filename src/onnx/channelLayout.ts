import type { ChannelLayout } from '../shared/ChannelLayout';
import { elementCount } from './tensor';

/**
 * The layout of a weight whose output channels are counted by `axes`. Axes that do not lie side by side, or are not known, make
 * one channel of the whole tensor.
 */
export function channelLayout(shape: readonly number[], axes: readonly number[] | null): ChannelLayout {
  const sorted = [...(axes ?? [])].sort((a, b) => a - b);
  const sideBySide = sorted.every((axis, i) => i === 0 || axis === sorted[i - 1]! + 1);
  if (sorted.length === 0 || !sideBySide) return { outer: 1, channels: 1, inner: elementCount(shape) };
  const first = sorted[0]!;
  const end = sorted.at(-1)! + 1;
  return {
    outer: elementCount(shape.slice(0, first)),
    channels: elementCount(shape.slice(first, end)),
    inner: elementCount(shape.slice(end)),
  };
}

/**
 * The shape of one number per channel that broadcasts against the weight, as in [1, 64, 1].
 * @returns null if one number serves all
 */
export function channelShape(
  shape: readonly number[],
  { outer, channels, inner }: ChannelLayout,
): number[] | null {
  for (let first = 0; first < shape.length; first++) {
    for (let end = first + 1; end <= shape.length; end++) {
      const fits =
        elementCount(shape.slice(0, first)) === outer &&
        elementCount(shape.slice(first, end)) === channels &&
        elementCount(shape.slice(end)) === inner;
      if (fits) return shape.map((size, axis) => (axis >= first && axis < end ? size : 1));
    }
  }
  return null;
}
