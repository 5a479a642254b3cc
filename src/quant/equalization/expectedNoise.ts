import { channelCount, eachRun, type ChannelMap } from './ChannelMap';

/**
 * The mean square that errors of a weight add to what its layer makes, summed over outputs, if the errors of different inputs have nothing to do
 * with each other, as those of rounding mostly have not: Σ d_j² E[x_j²].
 * @param error of the weight's elements
 * @param meanSquare of the layer's inputs, by channel
 */
export function expectedNoise(error: Float32Array, map: ChannelMap, meanSquare: ArrayLike<number>): number {
  const squares = new Float64Array(channelCount(map));
  eachRun(map, (channel, from, end) => {
    for (let i = from; i < end; i++) squares[channel]! += error[i]! * error[i]!;
  });
  return squares.reduce((sum, square, channel) => sum + square * meanSquare[channel]!, 0);
}
