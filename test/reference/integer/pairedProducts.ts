import {
  convGeometry,
  patchLength,
  positionCount,
  type ConvAttributes,
} from '../../../src/quant/conv/ConvGeometry';
import { copyPatch } from '../../../src/quant/conv/copyPatch';

/**
 * A sum of products as onnxruntime computes it on CPUs with AVX2 but without VNNI (MLAS, MlasGemmU8S8KernelAvx2): neighbours are added in
 * 16 bits, which saturate, and their sums in 32. Held against onnxruntime 1.30 with its checks for VNNI and for AVX-512 taken out.
 * @param activations codes; their zero point is taken off the sum
 * @param weights codes around zero, as many
 */
export function pairedDot(activations: ArrayLike<number>, weights: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 2) {
    const second = i + 1 < weights.length ? activations[i + 1]! * weights[i + 1]! : 0;
    sum += Math.max(-(2 ** 15), Math.min(2 ** 15 - 1, activations[i]! * weights[i]! + second));
  }
  return sum;
}

interface Codes<T> {
  readonly dims: readonly number[];
  readonly data: T;
}

/**
 * The int32 sums of a convolution, by `dot` exactly, or by `pairedDot` as those CPUs add them up: kernel position by position, the input channels of each one after the
 * other. One with a single input and output channel in each group has a kernel of its own, which is exact.
 * @param input [batch][channels][height][width]
 * @param weights [outputs][channels / group][kernel height][kernel width]
 * @param zeroPoint of the input, which padding is
 * @returns [batch][outputs][output height][output width]
 */
export function conv2dSums(
  multiply: typeof dot,
  input: Codes<Uint8Array>,
  weights: Codes<Int8Array>,
  zeroPoint: number,
  attributes: ConvAttributes = {},
): Int32Array {
  const geometry = convGeometry(input.dims, weights.dims, attributes);
  const { batch, groups, outputs, down, across } = geometry;
  const length = patchLength(geometry);
  const channels = weights.dims[1]!;
  const positions = length / channels;
  const order = Array.from({ length }, (_, i) => (i % channels) * positions + Math.floor(i / channels));
  const plane = down.output * across.output;
  const patch = new Int32Array(groups * length);
  const sums = new Int32Array(batch * outputs * plane);
  for (let position = 0; position < positionCount(geometry); position++) {
    copyPatch(geometry, input.data, position, zeroPoint, patch, 0);
    for (let output = 0; output < outputs; output++) {
      const group = Math.floor((output * groups) / outputs);
      const row = order.map((i) => weights.data[output * length + i]!);
      const codes = order.map((i) => patch[group * length + i]! + zeroPoint);
      const isDepthwise = channels === 1 && groups === outputs;
      const sum = isDepthwise ? dot(codes, row) : multiply(codes, row);
      const at = Math.floor(position / plane) * outputs * plane + output * plane + (position % plane);
      sums[at] = sum - zeroPoint * row.reduce((total, weight) => total + weight, 0);
    }
  }
  return sums;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
