import type { WeightError } from '../shared/measures';

/** Sums over a tensor, from which every error measure follows. */
export interface ErrorSums {
  readonly weights: number;
  /** Sum of the squared weights. */
  readonly signal: number;
  /** Sum of the squared errors. */
  readonly noise: number;
  /** Sum of the squared quantized weights. */
  readonly quantized: number;
  readonly maxAbs: number;
}

/** Signal to noise ratio in dB; null if there is no noise. */
export function sqnrDb(signal: number, noise: number): number | null {
  return noise === 0 ? null : 10 * Math.log10(signal / noise);
}

/** @param bytes what the quantized tensor takes */
export function weightError(sums: ErrorSums, bytes: number): WeightError {
  const { weights, signal, noise, quantized, maxAbs } = sums;
  // |x - q|^2 = |x|^2 + |q|^2 - 2 x.q gives the dot product without another pass.
  const dot = (signal + quantized - noise) / 2;
  const norms = Math.sqrt(signal * quantized);
  return {
    mse: weights === 0 ? 0 : noise / weights,
    sqnrDb: sqnrDb(signal, noise),
    cosine: noise === 0 ? 1 : norms === 0 ? 0 : Math.min(1, dot / norms),
    maxAbs,
    bitsPerWeight: weights === 0 ? 0 : (bytes * 8) / weights,
    bytes,
  };
}
