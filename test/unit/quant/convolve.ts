/** A convolution as its definition reads, in float64: exact for integers, and independent of how the engine does it. */
export interface Convolution {
  readonly input: readonly [batch: number, channels: number, height: number, width: number];
  readonly weight: readonly [outputs: number, channels: number, height: number, width: number];
  readonly group: number;
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

export function convolve(
  { input, weight, group, strides, dilations, pads }: Convolution,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
): { dims: [number, number, number, number]; values: Float64Array } {
  const [batch, channels, height, width] = input;
  const [outputs, depth, kh, kw] = weight;
  const rows = Math.floor((height + pads[0] + pads[2] - dilations[0] * (kh - 1) - 1) / strides[0]) + 1;
  const columns = Math.floor((width + pads[1] + pads[3] - dilations[1] * (kw - 1) - 1) / strides[1]) + 1;
  const at = (n: number, c: number, y: number, x_: number) =>
    y < 0 || x_ < 0 || y >= height || x_ >= width ? 0 : x[((n * channels + c) * height + y) * width + x_]!;
  const values: number[] = [];
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outputs; o++)
      for (let r = 0; r < rows; r++)
        for (let s = 0; s < columns; s++) {
          let sum = 0;
          for (let c = 0; c < depth; c++)
            for (let i = 0; i < kh; i++)
              for (let j = 0; j < kw; j++) {
                const channel = Math.floor(o / (outputs / group)) * depth + c;
                const y = r * strides[0] - pads[0] + i * dilations[0];
                const xx = s * strides[1] - pads[1] + j * dilations[1];
                sum += at(n, channel, y, xx) * w[((o * depth + c) * kh + i) * kw + j]!;
              }
          values.push(sum);
        }
  return { dims: [batch, outputs, rows, columns], values: Float64Array.from(values) };
}

const base = { group: 1, strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const;

/** Convolutions of every kind: plain, 1x1, padded unevenly, strided, dilated, grouped, depthwise. */
export const CONVOLUTIONS: readonly (readonly [string, Convolution])[] = [
  ['plain', { ...base, input: [2, 3, 6, 7], weight: [4, 3, 3, 3] }],
  ['pointwise', { ...base, input: [1, 16, 5, 5], weight: [8, 16, 1, 1] }],
  ['padded unevenly', { ...base, input: [1, 4, 5, 6], weight: [3, 4, 3, 2], pads: [2, 1, 0, 1] }],
  ['strided', { ...base, input: [2, 3, 9, 8], weight: [5, 3, 3, 3], strides: [2, 3], pads: [1, 1, 1, 1] }],
  ['dilated', { ...base, input: [1, 2, 9, 9], weight: [4, 2, 3, 3], dilations: [2, 3], pads: [2, 3, 2, 3] }],
  ['in groups', { ...base, input: [1, 6, 6, 6], weight: [9, 2, 3, 3], group: 3, pads: [1, 1, 1, 1] }],
  ['depthwise', { ...base, input: [2, 8, 6, 6], weight: [8, 1, 3, 3], group: 8, pads: [1, 1, 1, 1] }],
];

export const elements = (dims: readonly number[]) => dims.reduce((product, size) => product * size, 1);
