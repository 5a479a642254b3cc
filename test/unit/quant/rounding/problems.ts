/** Layers for tests of rounding: weights, inputs that are alike as neighbours are, and their moments. */
import { InputMoments } from '../../../../src/quant/moments/InputMoments';
import { matrixPatches } from '../../../../src/quant/moments/PatchSource';
import { meanSquares } from '../../../../src/quant/moments/outputError';
import { factorMoments, type FactorOptions } from '../../../../src/quant/rounding/MomentsFactor';
import { roundByMoments, type Rounded } from '../../../../src/quant/rounding/roundByMoments';
import { vectorRun } from '../../../../src/quant/rounding/roundVectors';
import { fit, normal } from '../fitted';

export const all = { mostPositions: Infinity, random: () => 0 };
export const pause = () => Promise.resolve();

/** Vectors of `inputs` correlated numbers: neighbours share noise, and powers differ. */
export function correlated(vectors: number, inputs: number, seed: number): Float32Array {
  const noise = normal(vectors * (inputs + 3), seed);
  const power = normal(inputs, seed + 1000);
  return Float32Array.from({ length: vectors * inputs }, (_, at) => {
    const [vector, i] = [Math.floor(at / inputs), at % inputs];
    const from = vector * (inputs + 3) + i;
    const sum = noise[from]! + noise[from + 1]! + noise[from + 2]! + 0.5 * noise[from + 3]!;
    return Math.max(-0.5, sum) * Math.exp(power[i]! / 2);
  });
}

export function momentsOf(
  vectors: Float32Array,
  inputs: number,
  groups = 1,
  mostNumbers?: number,
): InputMoments {
  const moments = new InputMoments(inputs, groups, mostNumbers);
  moments.add(matrixPatches(vectors, inputs), all);
  return moments;
}

/** Rounds weights by moments under a scheme. */
export async function rounded(
  scheme: string,
  weights: Float32Array,
  rows: number,
  moments: InputMoments,
  { taps = null, ...options }: FactorOptions & { taps?: number | null } = {},
) {
  const { quantizer, values: nearest } = await fit(scheme, weights, rows);
  const run = quantizer.kind === 'vector' ? vectorRun(quantizer, moments.block, taps) : 1;
  const factor = factorMoments(moments.state, { run, ...options });
  const task = { weights, nearest, quantizer, moments, factor, taps };
  return { ...task, ...(await roundByMoments(task, pause)) };
}

export function errorsOf(weights: Float32Array, { values }: Pick<Rounded, 'values'>, moments: InputMoments) {
  return meanSquares(
    weights.map((weight, i) => weight - values[i]!),
    moments,
  );
}

export const total = (numbers: Iterable<number>) => [...numbers].reduce((sum, number) => sum + number, 0);
