import type { Pause } from '../../base/pauses';
import { UserError } from '../../base/UserError';
import type { Moments } from '../moments/outputError';
import type { Quantizer } from '../Quantizer';
import { roundingProblem } from './Grid';
import type { MomentsFactor } from './MomentsFactor';
import { plainLoops, type RoundingLoops } from './RoundingLoops';
import { rowSets, type RowSet } from './RowSet';
import { roundScalars } from './roundScalars';
import { roundVectors } from './roundVectors';

/** A weight whose codes are to be chosen for its layer's output. Weights and values are [rows][cols] of the quantizer's groups: channel by channel. */
export interface RoundingTask {
  readonly weights: Float32Array;
  /** What the quantizer makes of them by itself. */
  readonly nearest: Float32Array;
  readonly quantizer: Quantizer;
  /** Of what the layer reads. */
  readonly moments: Moments;
  /** Of the same moments; for vectors with `run: vectorRun(...)`. */
  readonly factor: MomentsFactor;
  /** Matrices in the weight, see `tapRows`; null if it is one for each group. */
  readonly taps: number | null;
  /** What the quantized weights are to stand for, see `mismatchTarget`; the weights themselves if left out. */
  readonly target?: Float32Array;
}

export interface Rounded {
  /** Each of them a level of its group: quantized once more, they give the codes. */
  readonly values: Float32Array;
  /** E[(d x)^2] of each output, before by `nearest` and after; never more. */
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/**
 * Chooses codes for the least error of a layer's output under the second moments of its inputs, by GPTQ (Frantar et al. 2023). A row that is no better for it keeps its nearest levels.
 * @throws UserError if there is a `roundingProblem`, or sizes do not fit
 */
export async function roundByMoments(
  { weights, nearest, quantizer, moments, factor, taps, target = weights }: RoundingTask,
  pause: Pause,
  loops: RoundingLoops = plainLoops,
): Promise<Rounded> {
  const problem = roundingProblem(quantizer);
  if (problem !== null) throw new UserError(`Codes cannot be chosen by second moments: ${problem}.`);
  const { rows, cols } = quantizer.groups;
  const sets = rowSets(rows, cols, moments, taps);
  const before = rowErrors(target, nearest, sets, cols, moments);
  const values =
    quantizer.kind === 'vector'
      ? await roundVectors(target, quantizer, factor, sets, pause)
      : await roundScalars(target, quantizer, factor, sets, loops, pause);
  const after = rowErrors(target, values, sets, cols, moments);
  if (quantizer.kind === 'vector' && crossesRows(quantizer.dimension, cols, taps))
    keepAll(values, nearest, before, after);
  else keepRows(values, nearest, sets, cols, before, after, moments.perGroup);
  return { values, before, after };
}

/** E[(d x)^2] of each output, in the order of `meanSquares`, for d = target - values. */
export function rowErrors(
  target: Float32Array,
  values: Float32Array,
  sets: readonly RowSet[],
  cols: number,
  moments: Moments,
): Float64Array {
  const errors = new Float64Array(sets.reduce((sum, { rows }) => sum + rows, 0));
  const { perGroup } = moments;
  for (const { group, first, rows, offset, stride, output, outputStride } of sets) {
    const d = new Float32Array(rows * perGroup);
    for (let r = 0; r < rows; r++) {
      const from = (first + r) * cols + offset;
      for (let i = 0; i < perGroup; i++)
        d[r * perGroup + i] = target[from + i * stride]! - values[from + i * stride]!;
    }
    const squares = moments.meanSquares(group, d, 0, rows);
    for (let r = 0; r < rows; r++) errors[output + r * outputStride] = squares[r]!;
  }
  return errors;
}

/** Whether a vector can hold weights of more than one row of a set. */
function crossesRows(dimension: number, cols: number, taps: number | null): boolean {
  return taps !== null || cols % dimension !== 0;
}

function keepAll(
  values: Float32Array,
  nearest: Float32Array,
  before: Float64Array,
  after: Float64Array,
): void {
  const sum = (errors: Float64Array) => errors.reduce((total, error) => total + error, 0);
  if (sum(after) < sum(before)) return;
  values.set(nearest);
  after.set(before);
}

function keepRows(
  values: Float32Array,
  nearest: Float32Array,
  sets: readonly RowSet[],
  cols: number,
  before: Float64Array,
  after: Float64Array,
  perGroup: number,
): void {
  for (const { first, rows, offset, stride, output, outputStride } of sets)
    for (let r = 0; r < rows; r++) {
      const index = output + r * outputStride;
      if (after[index]! < before[index]!) continue;
      const from = (first + r) * cols + offset;
      for (let i = 0; i < perGroup; i++) values[from + i * stride] = nearest[from + i * stride]!;
      after[index] = before[index]!;
    }
}
