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

/** What errors are computed from: second moments, by whatever loops. */
export type Moments = Pick<InputMoments, 'perGroup' | 'groups' | 'exact' | 'mean' | 'meanSquare'>;

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
  moments: Moments,
): OutputError {
  if (errors.length !== weights.length)
    throw new UserError(`There are ${errors.length} errors of ${weights.length} weights.`);
  return errorOf(outputSignal(weights, bias, moments), meanSquares(errors, moments), moments.exact);
}

/** The two sides of the error, put together. */
export function errorOf(signal: Float64Array, noise: Float64Array, exact: boolean): OutputError {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return {
    signal,
    noise,
    channelSqnrDb: Float32Array.from(signal, (square, output) => sqnrDb(square, noise[output]!) ?? Infinity),
    sqnrDb: sqnrDb(sum(signal), sum(noise)),
    exact,
  };
}

/**
 * E[(w x + b)^2] of each output.
 * @throws UserError as `outputError`
 */
export function outputSignal(
  weights: Float32Array,
  bias: Float32Array | null,
  moments: Moments,
): Float64Array {
  const squares = meanSquares(weights, moments);
  if (!bias) return squares;
  if (bias.length !== squares.length)
    throw new UserError(`The bias has ${bias.length} numbers for ${squares.length} output channels.`);
  return squares.map((square, output) => {
    const b = bias[output]!;
    const mean = moments.mean(groupOf(output, squares.length, moments), weights, output * moments.perGroup);
    return Math.max(0, square + 2 * b * mean + b * b);
  });
}

/**
 * E[(d x)^2] of each row d.
 * @throws UserError as `outputError`
 */
export function meanSquares(rows: Float32Array, moments: Moments): Float64Array {
  const { perGroup, groups } = moments;
  const outputs = rows.length / perGroup;
  if (!Number.isInteger(outputs / groups))
    throw new UserError(`${rows.length} weights do not fit inputs of ${groups} groups of ${perGroup}.`);
  return Float64Array.from({ length: outputs }, (_, output) =>
    moments.meanSquare(groupOf(output, outputs, moments), rows, output * perGroup),
  );
}

function groupOf(output: number, outputs: number, { groups }: Moments): number {
  return Math.floor((output * groups) / outputs);
}
