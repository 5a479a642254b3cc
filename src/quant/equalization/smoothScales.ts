/**
 * SmoothQuant (Xiao et al. 2023, equation 4): s_j = max|X_j|^α / max|W_j|^(1-α), by which the activation is divided and the weights are
 * multiplied, so that part of the activation's spread moves into weights, which take it more easily.
 * @param activation largest magnitudes of what layers read, by input channel
 * @param weights those of their weights
 * @param alpha 0: all of the spread stays in the activation; 1: it moves to the weights
 * @returns raw scales; not finite, or 0, for dead channels
 */
export function smoothScales(
  activation: ArrayLike<number>,
  weights: ArrayLike<number>,
  alpha: number,
): Float64Array {
  return Float64Array.from(activation, (x, j) =>
    x === 0 || weights[j] === 0 ? NaN : x ** alpha / weights[j]! ** (1 - alpha),
  );
}

/** Migration strengths to try; 0.5 is the paper's for most models. */
export const SMOOTH_ALPHAS: readonly number[] = [0.25, 0.5, 0.75];
