import type { ConvGeometry } from './ConvGeometry';

/**
 * Copies what the kernel lies on at one position (a column of "im2col"), all groups' channels: [channels][kernel down][kernel across].
 * @param position counted over [batch][output down][output across]
 * @param zero taken from every input element, so that the padding, which is not in the input, is plain zeros
 * @param target from `at` on, channels * kernel elements are written
 */
export function copyPatch(
  { channels, down, across }: ConvGeometry,
  input: ArrayLike<number>,
  position: number,
  zero: number,
  target: Float32Array | Int32Array,
  at: number,
): void {
  const plane = down.output * across.output;
  const sample = Math.floor(position / plane);
  const within = position % plane;
  const top = Math.floor(within / across.output) * down.stride - down.before;
  const left = (within % across.output) * across.stride - across.before;
  let to = at;
  for (let channel = 0; channel < channels; channel++) {
    const from = (sample * channels + channel) * down.input * across.input;
    for (let i = 0; i < down.kernel; i++) {
      const y = top + i * down.dilation;
      const inRows = y >= 0 && y < down.input;
      for (let j = 0; j < across.kernel; j++) {
        const x = left + j * across.dilation;
        target[to++] = inRows && x >= 0 && x < across.input ? input[from + y * across.input + x]! - zero : 0;
      }
    }
  }
}
