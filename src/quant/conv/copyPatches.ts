import type { ConvGeometry } from './ConvGeometry';

/**
 * `copyPatch` of several positions at once, of `channels` channels from the `first` on. Where each element comes from is worked out once for all channels, which are then read from front to back.
 * @param target patch after patch from its beginning
 */
export function copyPatches(
  geometry: ConvGeometry,
  input: Float32Array,
  positions: readonly number[],
  first: number,
  channels: number,
  target: Float32Array,
): void {
  const { down, across } = geometry;
  const pixels = down.input * across.input;
  const kernel = down.kernel * across.kernel;
  const sources = sourcesOf(geometry, positions);
  for (let channel = 0; channel < channels; channel++) {
    const plane = (first + channel) * pixels;
    for (let v = 0; v < positions.length; v++) {
      const from = v * kernel;
      const to = (v * channels + channel) * kernel;
      for (let k = 0; k < kernel; k++) {
        const source = sources[from + k]!;
        target[to + k] = source < 0 ? 0 : input[plane + source]!;
      }
    }
  }
}

/** [position][kernel]: where the elements of the first channel are; -1 outside. */
function sourcesOf({ channels, down, across }: ConvGeometry, positions: readonly number[]): Int32Array {
  const plane = down.output * across.output;
  const sources = new Int32Array(positions.length * down.kernel * across.kernel);
  let to = 0;
  for (const position of positions) {
    const sample = Math.floor(position / plane) * channels * down.input * across.input;
    const within = position % plane;
    const top = Math.floor(within / across.output) * down.stride - down.before;
    const left = (within % across.output) * across.stride - across.before;
    for (let i = 0; i < down.kernel; i++)
      for (let j = 0; j < across.kernel; j++) {
        const [y, x] = [top + i * down.dilation, left + j * across.dilation];
        const inside = y >= 0 && y < down.input && x >= 0 && x < across.input;
        sources[to++] = inside ? sample + y * across.input + x : -1;
      }
  }
  return sources;
}
