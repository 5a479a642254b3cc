import type { ChannelLayout } from '../../core/scheme/ChannelLayout';

/** A weight as integer kernels multiply it: each output channel is a sum of products with what the layer reads. */
export interface ProductOrder {
  readonly layout: ChannelLayout;
  /** Of a convolution's kernel, as 9 of 3 x 3; 1 of a matrix. */
  readonly positions: number;
  /** Of a convolution; 1 of a matrix. */
  readonly groups: number;
}

/**
 * The places of a channel's weights, counted from its first one, in the order in which onnxruntime's kernels add up its products: a matrix
 * row by row; a convolution position by position, with the input channels of a position one after the other, as it computes on
 * channels last.
 */
export function productOffsets({ layout, positions }: ProductOrder): Int32Array {
  const { outer, channels, inner } = layout;
  const inputs = inner / positions;
  return Int32Array.from({ length: outer * inner }, (_, i) => {
    const [row, product] = [Math.floor(i / inner), i % inner];
    return row * channels * inner + (product % inputs) * positions + Math.floor(product / inputs);
  });
}

/** The input channels that an output channel's products are with, in their order. */
export function productInputs({ layout, positions, groups }: ProductOrder, channel: number): Int32Array {
  const { outer, channels, inner } = layout;
  const inputs = (outer * inner) / positions;
  const first = Math.floor((channel * groups) / channels) * inputs;
  return Int32Array.from({ length: outer * inner }, (_, i) => first + (i % inputs));
}
