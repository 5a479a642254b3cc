/**
 * Where the channels of an activation are in a constant that is scaled with them, as a shape of its elements in row-major order:
 * [groups][repeat][channels][inner], where the element [g][r][c][i] belongs to channel g * channels + c of the activation.
 *
 * The weight of a convolution, [outputs][inputs of a group][...kernel], is [1][1][outputs][rest] to what it makes, and
 * [groups][outputs of a group][inputs of a group][kernel] to what it reads.
 */
export interface ChannelMap {
  readonly groups: number;
  readonly repeat: number;
  /** Of a group. */
  readonly channels: number;
  readonly inner: number;
}

export function channelCount({ groups, channels }: ChannelMap): number {
  return groups * channels;
}

export function elementsOf({ groups, repeat, channels, inner }: ChannelMap): number {
  return groups * repeat * channels * inner;
}

export function sameMap(a: ChannelMap, b: ChannelMap): boolean {
  return a.groups === b.groups && a.repeat === b.repeat && a.channels === b.channels && a.inner === b.inner;
}

/** Largest magnitude of each channel. */
export function channelMagnitudes(values: Float32Array, map: ChannelMap): Float32Array {
  const most = new Float32Array(channelCount(map));
  eachRun(map, (channel, from, end) => {
    for (let i = from; i < end; i++) most[channel] = Math.max(most[channel]!, Math.abs(values[i]!));
  });
  return most;
}

/** Multiplies the elements of each channel with a factor, in place. */
export function scaleChannels(values: Float32Array, map: ChannelMap, factors: ArrayLike<number>): void {
  eachRun(map, (channel, from, end) => {
    const factor = factors[channel]!;
    for (let i = from; i < end; i++) values[i]! *= factor;
  });
}

/** Visits runs of neighbouring elements of one channel. */
export function eachRun(
  { groups, repeat, channels, inner }: ChannelMap,
  visit: (channel: number, from: number, end: number) => void,
): void {
  let at = 0;
  for (let g = 0; g < groups; g++)
    for (let r = 0; r < repeat; r++)
      for (let c = 0; c < channels; c++) visit(g * channels + c, at, (at += inner));
}
