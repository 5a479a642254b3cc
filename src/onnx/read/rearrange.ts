import type { ChannelLayout } from '../../core/scheme/ChannelLayout';

type Numbers = Uint8Array | Uint16Array | Float32Array;

/** A matrix with its columns as rows. */
export function transposed<T extends Numbers>(values: T, rows: number, columns: number): T {
  return channelMajor(values, { outer: rows, channels: columns, inner: 1 });
}

/** Elements in tensor order -> channel by channel, each outer index first. */
export function channelMajor<T extends Numbers>(values: T, { outer, channels, inner }: ChannelLayout): T {
  const result = values.slice() as T;
  for (let o = 0; o < outer; o++)
    for (let c = 0; c < channels; c++) {
      const from = (o * channels + c) * inner;
      result.set(values.subarray(from, from + inner), (c * outer + o) * inner);
    }
  return result;
}
