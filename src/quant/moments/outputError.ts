import { decibels } from '../../core/measure/Decibels';
import type { LayerOutputError } from '../../core/measure/errors';
import { UserError } from '../../base/UserError';
import type { InputMoments } from './InputMoments';

/** The second moments that errors are computed from, by whatever loops. */
export type Moments = Pick<InputMoments, 'perGroup' | 'groups' | 'exact' | 'count' | 'mean' | 'meanSquares'>;

/**
 * Sensitivity of level 2: of y = W x + b and an error D of W, per output E[(d x)^2] = d E[x xT] dT, without running the layer.
 * @param signal mean square of each output, see `outputSignal`
 * @param noise that of its error: `meanSquares` of D
 * @param moments that both were computed from; of no vectors, where all had a NaN or infinity, follows no error
 */
export function outputError(
  signal: Float64Array,
  noise: Float64Array,
  { exact, count }: Pick<Moments, 'exact' | 'count'>,
): LayerOutputError {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return { sqnrDb: count === 0 ? 'broken' : decibels(sum(signal), sum(noise), 'equal'), exact };
}

/**
 * E[(w x + b)^2] of each output.
 * @param weights W [outputs][inputs of a group], groups one after the other
 * @param bias b, one per output, which is part of the output but has no error; null for none
 * @throws UserError if the sizes do not fit the moments
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
 * @param rows [outputs][inputs of a group], groups one after the other
 * @throws UserError if the sizes do not fit the moments
 */
export function meanSquares(rows: Float32Array, moments: Moments): Float64Array {
  const { perGroup, groups } = moments;
  const outputs = rows.length / perGroup;
  if (!Number.isInteger(outputs / groups))
    throw new UserError(`${rows.length} weights do not fit inputs of ${groups} groups of ${perGroup}.`);
  const share = outputs / groups;
  const squares = new Float64Array(outputs);
  for (let group = 0; group < groups; group++)
    squares.set(moments.meanSquares(group, rows, group * share * perGroup, share), group * share);
  return squares;
}

function groupOf(output: number, outputs: number, { groups }: Moments): number {
  return Math.floor((output * groups) / outputs);
}
