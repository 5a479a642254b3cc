import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import { elementCount } from '../file/shapes';

/** The axis of a tensor that counts channels; null if no single one does. */
export function channelAxis(
  shape: readonly number[],
  { outer, channels, inner }: ChannelLayout,
): number | null {
  const axis = shape.findIndex(
    (size, i) =>
      size === channels &&
      elementCount(shape.slice(0, i)) === outer &&
      elementCount(shape.slice(i + 1)) === inner,
  );
  return axis === -1 ? null : axis;
}
