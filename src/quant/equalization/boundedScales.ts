/** Equalization divides channels by at most so much, and multiplies them by as much: larger factors leave nothing of what they are to save. */
const MAX_SCALE = 2 ** 10;

/**
 * Scales that can be applied: powers of two, which change no bit of any significand, so that the equalized float model computes the
 * very same numbers; 1 where a channel is dead, or follows from no finite number.
 * @param raw scales of the channels, of which only the ratios count
 */
export function boundedScales(raw: ArrayLike<number>): Float32Array {
  const exponents = Float64Array.from(raw, (scale) =>
    scale > 0 && scale < Infinity ? Math.log2(scale) : NaN,
  );
  const live = exponents.filter((exponent) => !Number.isNaN(exponent));
  // Around 1, so that neither the activation nor the weights become very large or small all together.
  const middle = live.length === 0 ? 0 : Math.round(live.sort()[live.length >> 1]!);
  const most = Math.log2(MAX_SCALE);
  return Float32Array.from(exponents, (exponent) =>
    Number.isNaN(exponent) ? 1 : 2 ** Math.max(-most, Math.min(most, Math.round(exponent) - middle)),
  );
}

/** Whether no channel is scaled. */
export function isIdentity(scales: Float32Array): boolean {
  return scales.every((scale) => scale === 1);
}
