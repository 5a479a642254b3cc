/**
 * DoReFa-Net's quantizers for training (Zhou et al. 2016): of activations and of gradients, and how gradients pass them. Its weights are in `dorefaTable`.
 *
 * All work on arrays of one tensor and give new ones. Half way rounds up, as in `dorefaTable`.
 */

/**
 * quantize_k of equation 5: the nearest of the 2^bits evenly spaced numbers from 0 to 1.
 * @param x from 0 to 1
 */
export function quantizeUnit(x: number, bits: number): number {
  const steps = 2 ** bits - 1;
  return Math.floor(steps * x + 0.5) / steps;
}

/** Equation 11 after the bounding of section 2.5: activations are held between 0 and 1, then take 2^bits values. */
export function quantizeActivations(activations: Float32Array, bits: number): Float32Array {
  return activations.map((x) => quantizeUnit(Math.min(Math.max(x, 0), 1), bits));
}

/**
 * The gradient behind `quantizeActivations`: straight through (equation 6) where the activation was within its bounds, none where it was held.
 * @param gradients of the quantized activations
 */
export function activationGradients(activations: Float32Array, gradients: Float32Array): Float32Array {
  return gradients.map((gradient, i) => (activations[i]! >= 0 && activations[i]! <= 1 ? gradient : 0));
}

/**
 * Equation 12: gradients scaled to their largest magnitude, with noise of at most half a step, so that in expectation nothing is lost by rounding.
 * @param uniform gives numbers from 0 to 1, evenly distributed, 1 excluded
 */
export function quantizeGradients(
  gradients: Float32Array,
  bits: number,
  uniform: () => number,
): Float32Array {
  const largest = gradients.reduce((most, gradient) => Math.max(most, Math.abs(gradient)), 0);
  if (largest === 0) return gradients.slice();
  const steps = 2 ** bits - 1;
  return gradients.map((gradient) => {
    const noisy = gradient / (2 * largest) + 0.5 + (uniform() - 0.5) / steps;
    return 2 * largest * (quantizeUnit(Math.min(Math.max(noisy, 0), 1), bits) - 0.5);
  });
}

/**
 * The gradient behind equation 9: straight through the rounding, and through the tanh and its scale as they are. The largest magnitude counts as constant.
 * @param gradients of the quantized weights
 */
export function weightGradients(weights: Float32Array, gradients: Float32Array): Float32Array {
  const most = weights.reduce((largest, weight) => Math.max(largest, Math.abs(Math.tanh(weight))), 0);
  if (most === 0) return gradients.slice();
  return gradients.map((gradient, i) => (gradient * (1 - Math.tanh(weights[i]!) ** 2)) / most);
}
