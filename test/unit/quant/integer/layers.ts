/** Random quantized layers, and what they give by other ways. */
import { Random } from '../../../../src/engine/data/random';
import {
  emptyCodes,
  LIMITS,
  type IntegerFormat,
  type QuantizedTensor,
  type QuantizedWeights,
} from '../../../reference/integer/IntegerLayer';
import { elements } from '../convolve';

export type Type = IntegerFormat['type'];

export interface RandomLayer {
  readonly input: QuantizedTensor;
  readonly weights: QuantizedWeights;
  readonly bias: Int32Array;
}

/**
 * @param magnitude of weights: onnxruntime's AVX2 kernels for uint8 with int8 add pairs of products in int16, which saturates beyond 64 on
 * machines without VNNI
 */
export function randomLayer(
  seed: number,
  types: { readonly input: Type; readonly weights: Type; readonly perChannel: boolean },
  inputDims: readonly number[],
  weightDims: readonly number[],
  magnitude = 64,
): RandomLayer {
  const random = new Random(seed);
  const whole = (least: number, greatest: number) =>
    least + Math.floor(random.uniform() * (greatest - least + 1));
  const [least, greatest] = LIMITS[types.input];
  const middle = types.weights === 'int8' ? 0 : 128;
  const outputs = weightDims[0]!;
  const count = types.perChannel ? outputs : 1;
  const fill = (type: Type, dims: readonly number[], from: number, to: number) =>
    emptyCodes({ type }, elements(dims)).map(() => whole(from, to)) as Uint8Array;
  return {
    input: {
      type: types.input,
      dims: inputDims,
      data: fill(types.input, inputDims, least, greatest),
      scale: Math.fround(0.01 + random.uniform() * 0.05),
      zeroPoint: whole(least, greatest),
    },
    weights: {
      type: types.weights,
      dims: weightDims,
      data: fill(types.weights, weightDims, middle - magnitude, Math.min(255, middle + magnitude)),
      scales: Float32Array.from({ length: count }, () => 0.001 + random.uniform() * 0.01),
      zeroPoints: new Int32Array(count).fill(middle),
    },
    bias: Int32Array.from({ length: outputs }, () => whole(-5000, 5000)),
  };
}

/** A format in which the layer's outputs fill the codes, a few of them beyond the ends. */
export function formatFor(
  type: Type,
  sums: ArrayLike<number>,
  { input, weights }: RandomLayer,
): IntegerFormat {
  const reach = Array.from(sums).reduce((most, sum) => Math.max(most, Math.abs(sum)), 1);
  const scale = Math.fround((reach * input.scale * weights.scales[0]!) / 120);
  return { type, scale, zeroPoint: type === 'int8' ? 3 : 120 };
}

/** Weights and inputs as whole numbers without zero points. */
export const centred = ({ input, weights }: RandomLayer) => ({
  input: Float64Array.from(input.data, (code) => code - input.zeroPoint),
  weights: Float64Array.from(weights.data, (code) => code - (weights.zeroPoints?.[0] ?? 0)),
});

export function scaleOf({ input, weights }: RandomLayer, channel: number): readonly [number, number] {
  return [input.scale, weights.scales[weights.scales.length === 1 ? 0 : channel]!];
}

const clamp = (code: number, { type, zeroPoint }: IntegerFormat) =>
  Math.max(LIMITS[type][0], Math.min(LIMITS[type][1], code + zeroPoint));

/** Half to even. */
function roundEven(x: number): number {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + (below % 2 === 0 ? 0 : 1) : Math.round(x);
}

/** The int32 sum made a float32, times a float32 scale, rounded half to even: what onnxruntime's kernels (MlasRequantizeOutput) do. */
export function byFloats(sum: number, scales: readonly [number, number], output: IntegerFormat): number {
  const scale = Math.fround(Math.fround(scales[0] * scales[1]) / output.scale);
  return clamp(roundEven(Math.fround(Math.fround(sum) * scale)), output);
}

export interface Comparison {
  readonly count: number;
  readonly different: number;
  /** Differences greater than one step, or where the exact product is not so near to a tie that its rounding may decide. */
  readonly unexplained: number;
}

/** Holds codes against a runtime's. @param sums exact sums, of as many channels as `channelOf` says */
export function compare(
  codes: ArrayLike<number>,
  theirs: ArrayLike<number>,
  sums: ArrayLike<number>,
  layer: RandomLayer,
  output: IntegerFormat,
  channelOf: (index: number) => number,
): Comparison {
  let [different, unexplained] = [0, 0];
  for (let i = 0; i < sums.length; i++) {
    if (codes[i] === theirs[i]) continue;
    different++;
    const [a, b] = scaleOf(layer, channelOf(i));
    const multiplier = (a * b) / output.scale;
    const exact = sums[i]! * multiplier;
    const fromTie = Math.abs(Math.abs(exact - Math.floor(exact)) - 0.5);
    // The fixed-point product is rounded before it is shifted, to 2^(exponent) of a step; float32 to 2^-24 of itself, four times.
    const reach = 2 ** Math.floor(Math.log2(multiplier)) + Math.abs(exact) * 2 ** -22;
    if (Math.abs(codes[i]! - theirs[i]!) > 1 || fromTie > reach) unexplained++;
  }
  return { count: sums.length, different, unexplained };
}
