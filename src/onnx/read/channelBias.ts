/** Biases that add one number to all that a channel gives, in any of the shapes that ONNX broadcasts (operator specification, Gemm). */
import type { TensorProto } from 'onnx-buf';
import type { ExternalFiles } from '../file/externalData';
import { tensorBytes } from '../file/tensor';

/**
 * Whether a bias adds one number to each channel: one for all, or one for each of them. A Gemm's may have one for each row of its result
 * as well, or for each element.
 * @param axis of the channels in a matrix: 1 for columns, as usual; 0 for rows, where the weight is the left factor
 */
export function isChannelBias({ dims }: TensorProto, channels: number, axis: 0 | 1 = 1): boolean {
  const sizes = dims.map(Number);
  const along = axis === 1 ? sizes.at(-1) : sizes.at(-2);
  const others = sizes.filter((_, i) => i !== sizes.length - (axis === 1 ? 1 : 2));
  return others.every((size) => size === 1) && [undefined, 1, channels].includes(along);
}

/**
 * The numbers of a bias for which `isChannelBias` holds, one for each channel.
 * @throws UserError as `tensorBytes`
 */
export function channelBias(bias: TensorProto, channels: number, files: ExternalFiles): Float32Array {
  const values = new Float32Array(tensorBytes(bias, files).slice().buffer);
  return values.length === channels ? values : new Float32Array(channels).fill(values[0]!);
}
