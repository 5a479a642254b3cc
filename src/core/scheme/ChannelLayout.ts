/**
 * How the output channels of a weight lie in its row-major elements: element `(o, c, i)` stands at
 * `(o * channels + c) * inner + i`. A convolution [M, C/g, kH, kW] has outer 1, channels M, inner C/g * kH * kW; the
 * right-hand side of MatMul [K, N] has outer K, channels N, inner 1.
 */
export interface ChannelLayout {
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}
