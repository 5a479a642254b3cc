/** Sums of a layer's outputs, channel by channel. */
export interface ChannelSums {
  readonly sums: Float64Array;
  /** Elements of each channel. */
  readonly count: number;
}

/**
 * Adds up a tensor along all axes but that of its channels.
 * @param axis from the first one
 */
export function channelSums(data: ArrayLike<number>, shape: readonly number[], axis: number): ChannelSums {
  const channels = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const sums = new Float64Array(channels);
  for (let start = 0, c = 0; start < data.length; start += inner, c = (c + 1) % channels) {
    let sum = 0;
    for (let i = start; i < start + inner; i++) sum += data[i]!;
    sums[c]! += sum;
  }
  return { sums, count: channels === 0 ? 0 : data.length / channels };
}
