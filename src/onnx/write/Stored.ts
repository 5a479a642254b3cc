import type { EncodedScalars } from '../../quant/EncodedTensor';
import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import { channelAxis } from '../read/channelAxis';

/** A shape in which a weight can be scaled, and the axis of it that counts channels. */
export interface Stored {
  readonly shape: readonly number[];
  readonly axis: number;
}

/**
 * The weight's own shape, or where each channel has numbers of its own and no axis counts the channels, one that is made for the
 * purpose; elements are in the same order.
 */
export function storedShape(tensor: EncodedScalars, shape: readonly number[], layout: ChannelLayout): Stored {
  const { bits, numbers, scales } = tensor;
  const tables = numbers.kind === 'table' && numbers.entries.length > 2 ** bits;
  if (!tables && (scales === null || scales.values.length === 1)) return { shape, axis: 0 };
  const axis = channelAxis(shape, layout);
  const { outer, channels, inner } = layout;
  return axis === null ? { shape: [outer, channels, inner], axis: 1 } : { shape, axis };
}
