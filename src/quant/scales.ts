/** Scales that float32 arithmetic can work with. */

const MIN_NORMAL = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/**
 * The float32 scale nearest to `scale` that can be divided by, and whose multiples up to `largest` are finite. A group of
 * zeros gets scale 1: any would do, and 1 reads well.
 */
export function usableScale(scale: number, largest: number): number {
  if (scale === 0) return 1;
  const rounded = Math.fround(Math.min(Math.max(scale, MIN_NORMAL), LARGEST / largest));
  return Number.isFinite(Math.fround(rounded * largest)) ? rounded : nextBelow(rounded);
}

/** The float32 number before a positive one. */
function nextBelow(value: number): number {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  float[0] = value;
  bits[0] = bits[0]! - 1;
  return float[0];
}
