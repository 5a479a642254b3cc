import { decibels } from '../core/measure/Decibels';
import type { WeightError } from '../core/measure/errors';

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

/**
 * @param bytes what the quantized tensor takes
 * @param entropyBytes what it would take with its codes coded perfectly
 */
export function weightError(sums: ErrorSums, bytes: number, entropyBytes: number): WeightError {
  const { weights, signal, noise, quantized, maxAbs } = sums;
  // |x - q|^2 = |x|^2 + |q|^2 - 2 x.q gives the dot product without another pass.
  const dot = (signal + quantized - noise) / 2;
  const norms = Math.sqrt(signal * quantized);
  const perWeight = (total: number) => (weights === 0 ? 0 : total / weights);
  return {
    mse: perWeight(noise),
    sqnrDb: decibels(signal, noise, 'exact'),
    cosine: noise === 0 ? 1 : norms === 0 ? 0 : Math.min(1, dot / norms),
    maxAbs,
    bitsPerWeight: perWeight(bytes * 8),
    bytes,
    entropyBits: perWeight(entropyBytes * 8),
  };
}

/** Shannon entropy of what was counted, in bits for all counts together. */
export function entropy(counts: ArrayLike<number>): number {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (count === 0) continue;
    total += count;
    sum += count * Math.log2(count);
  }
  return total === 0 ? 0 : total * Math.log2(total) - sum;
}
