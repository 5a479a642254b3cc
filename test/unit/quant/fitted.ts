/** Schemes fitted to matrices that tests bring, through the same code as in the engine. */
import { openWeight } from '../../../src/engine/weights/openWeight';
import { loopOf } from '../../../src/engine/weights/loops';
import { ErrorAccumulator } from '../../../src/engine/weights/ErrorAccumulator';
import { Random } from '../../../src/engine/data/random';
import type { Weight } from '../../../src/engine/weights/Weight';
import type { WeightPasses } from '../../../src/engine/weights/WeightPasses';
import { WeightKernel } from '../../../src/engine/weights/WeightKernel';
import { createTwin } from '../../reference/kernel/createTwin';
import { fitQuantizer, type QuantizingSpec } from '../../../src/quant/schemes/fitQuantizer';
import type { Quantizer } from '../../../src/quant/Quantizer';
import type { WeightError } from '../../../src/core/measure/errors';
import { specOf, type SchemeId } from '../../../src/core/scheme/scheme';

// The twin, which other tests hold against the SIMD kernel to the last bit, needs no compiler.
const weightKernel = WeightKernel.create((memory) => Promise.resolve(createTwin(memory)));

export interface Fitted {
  readonly quantizer: Quantizer;
  readonly values: Float32Array;
  readonly codes: number[];
  readonly error: WeightError;
}

/** A matrix of weights with `rows` output channels. */
export function matrix(weights: ArrayLike<number>, rows: number): Weight {
  const floats = Float32Array.from(weights);
  return {
    elementType: 'float32',
    layout: { outer: 1, channels: rows, inner: floats.length / rows },
    content: new Uint8Array(floats.buffer),
  };
}

export async function passesOver(weights: ArrayLike<number>, rows: number): Promise<WeightPasses> {
  const passes = openWeight(await weightKernel, matrix(weights, rows));
  if ('problem' in passes) throw new Error(passes.problem);
  return passes;
}

/** Fits a scheme to a matrix and applies it. */
export async function fit(scheme: SchemeId, weights: ArrayLike<number>, rows = 1): Promise<Fitted> {
  const passes = await passesOver(weights, rows);
  const quantizer = await fitQuantizer(specOf(scheme) as QuantizingSpec, passes, () => Promise.resolve());
  return { quantizer, ...(await apply(quantizer, passes)) };
}

/** Applies a quantizer to other weights of the same shape. */
export async function applyTo(quantizer: Quantizer, weights: ArrayLike<number>): Promise<Float32Array> {
  return (await apply(quantizer, await passesOver(weights, quantizer.groups.rows))).values;
}

async function apply(quantizer: Quantizer, passes: WeightPasses) {
  const kernelBench = await weightKernel;
  const errors = new ErrorAccumulator(quantizer);
  const values = new Float32Array(passes.rows * passes.cols);
  const codes: number[] = [];
  for (const block of passes.blocks()) {
    const stats = kernelBench.quantize(block, quantizer, { codes: true, values: true });
    errors.add(kernelBench, block, stats);
    values.set(kernelBench.values(block), block.row * block.cols);
    for (const code of kernelBench.codes(block, quantizer)) codes.push(code);
  }
  if (codes.length !== loopOf(quantizer).codeLength(quantizer, values.length))
    throw new Error('A code is missing.');
  return { values, codes, error: errors.result(passes.stats('channel')) };
}

export function normal(count: number, seed = 1, deviation = 1): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => random.normal() * deviation);
}

/** Laplacian weights of deviation 1: heavier tails than normal ones. */
export function laplacian(count: number, seed = 1): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => {
    const u = random.uniform() - 0.5;
    return (-Math.sign(u) * Math.log(1 - 2 * Math.abs(u))) / Math.SQRT2;
  });
}

/** Rows of very different magnitudes, as the channels of a depthwise convolution have. */
export function unevenRows(rows: number, cols: number, seed = 1): Float32Array {
  return normal(rows * cols, seed).map((x, i) => x * 2 ** ((Math.floor(i / cols) % 7) - 3));
}
