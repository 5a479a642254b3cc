/**
 * Activation-aware weight quantization (Lin et al. 2024, section 3.2): s = mean|X|^α, by which weights are multiplied before they are
 * quantized: those that large inputs meet get a finer grid. α is searched for.
 * @param activation mean magnitudes of what layers read, by input channel
 * @returns raw scales; 0 or not finite for dead channels
 */
export function awqScales(activation: ArrayLike<number>, alpha: number): Float64Array {
  return Float64Array.from(activation, (x) => (x === 0 ? NaN : x ** alpha));
}

/** Exponents to try: 0 is no scaling at all. */
export const AWQ_ALPHAS: readonly number[] = [0.15, 0.3, 0.45, 0.6, 0.75, 0.9];
