import { UserError } from '../../shared/UserError';
import { sqnrDb } from '../weightError';
import type { InputMoments } from './InputMoments';

/** What an error of its weights does to a layer's output, on average over the inputs that were observed. */
export interface OutputError {
  /** Mean square of each output channel, and of its error. */
  readonly signal: Float64Array;
  readonly noise: Float64Array;
  /** Infinity for a channel without error. */
  readonly channelSqnrDb: Float32Array;
  /** Of all channels together; null if there is no error. */
  readonly sqnrDb: number | null;
  /** Whether the inputs' correlations were known in full; else this is an estimate. */
  readonly exact: boolean;
}

/**
 * Sensitivity of level 2: of y = W x + b and an error D of W, per output E[(d x)^2] = d E[x xT] dT, without running the layer.
 * @param weights W [outputs][inputs of a group], groups one after the other
 * @param errors D, the quantized weights less W; of the same shape
 * @param bias b, one per output, which is part of the output but has no error; null for none
 * @throws UserError if the sizes do not fit the moments
 */
export function outputError(
  weights: Float32Array,
  errors: Float32Array,
  bias: Float32Array | null,
  moments: InputMoments,
): OutputError {
  const { perGroup, groups } = moments;
  const outputs = weights.length / perGroup;
  if (!Number.isInteger(outputs / groups) || errors.length !== weights.length)
    throw new UserError(
      `${weights.length} weights and ${errors.length} errors do not fit inputs of ${groups} groups of ${perGroup}.`,
    );
  if (bias && bias.length !== outputs)
    throw new UserError(`The bias has ${bias.length} numbers for ${outputs} output channels.`);
  const signal = new Float64Array(outputs);
  const noise = new Float64Array(outputs);
  for (let output = 0; output < outputs; output++) {
    const group = Math.floor((output * groups) / outputs);
    const at = output * perGroup;
    const b = bias?.[output] ?? 0;
    const linear = moments.meanSquare(group, weights, at) + 2 * b * moments.mean(group, weights, at);
    signal[output] = Math.max(0, linear + b * b);
    noise[output] = moments.meanSquare(group, errors, at);
  }
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return {
    signal,
    noise,
    channelSqnrDb: Float32Array.from(signal, (square, output) => sqnrDb(square, noise[output]!) ?? Infinity),
    sqnrDb: sqnrDb(sum(signal), sum(noise)),
    exact: moments.exact,
  };
}
