import { UserError } from '../../../src/base/UserError';
import { fixedPoint, multiply, type FixedPoint } from './fixedPoint';

/** How 8-bit codes stand for real numbers: r = scale * (q - zeroPoint), equation 1 of Jacob et al. 2017. */
export interface IntegerFormat {
  readonly type: 'int8' | 'uint8';
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface QuantizedTensor extends IntegerFormat {
  readonly dims: readonly number[];
  readonly data: Int8Array | Uint8Array;
}

/** Weights whose first axis is the output channels. */
export interface QuantizedWeights {
  readonly type: 'int8' | 'uint8';
  readonly dims: readonly number[];
  readonly data: Int8Array | Uint8Array;
  /** One for all, or one per output channel. */
  readonly scales: Float32Array;
  /** As many as scales; null if all are zero. */
  readonly zeroPoints: Int32Array | null;
}

/** A layer made ready to run in integers. */
export interface IntegerLayer {
  readonly outputs: number;
  /** Inputs of one output channel. */
  readonly inputs: number;
  /** [outputs][inputs], the zero points taken off. */
  readonly weights: Int16Array;
  readonly bias: Int32Array;
  /** One per output channel. */
  readonly multipliers: readonly FixedPoint[];
  readonly output: IntegerFormat;
}

export const LIMITS = { int8: [-128, 127], uint8: [0, 255] } as const;

/**
 * Prepares the numbers of equations 3 to 7: the only floating point of the reference is here.
 * @param bias int32 codes of scale input.scale * weights.scales and zero point 0 (section 2.4), one per output channel; null for none
 * @throws UserError if a size, scale or zero point is not what it must be
 */
export function integerLayer(
  input: IntegerFormat,
  weights: QuantizedWeights,
  bias: Int32Array | null,
  output: IntegerFormat,
): IntegerLayer {
  const outputs = weights.dims[0] ?? 0;
  const { scales, zeroPoints } = weights;
  requireData(weights, 'weight');
  requireFormat(input, 'input');
  requireFormat(output, 'output');
  if (scales.length !== 1 && scales.length !== outputs)
    throw new UserError(`The weight has ${scales.length} scales for ${outputs} output channels.`);
  if (zeroPoints && zeroPoints.length !== scales.length)
    throw new UserError(`The weight has ${zeroPoints.length} zero points and ${scales.length} scales.`);
  scales.forEach((scale, i) =>
    requireFormat({ type: weights.type, scale, zeroPoint: zeroPoints?.[i] ?? 0 }, 'weight'),
  );
  if (bias && bias.length !== outputs)
    throw new UserError(`The bias has ${bias.length} numbers for ${outputs} output channels.`);
  const inputs = weights.data.length / outputs;
  const of = <T>(values: ArrayLike<T>, channel: number) => values[values.length === 1 ? 0 : channel]!;
  return {
    outputs,
    inputs,
    weights: Int16Array.from(
      weights.data,
      (code, i) => code - (zeroPoints ? of(zeroPoints, Math.floor(i / inputs)) : 0),
    ),
    bias: bias ?? new Int32Array(outputs),
    multipliers: Array.from({ length: outputs }, (_, channel) =>
      fixedPoint((input.scale * of(scales, channel)) / output.scale),
    ),
    output,
  };
}

/**
 * Codes of a float bias (section 2.4): scale input scale * weight scale, no zero point, saturating.
 * @param weightScales one for all, or one per element of the bias
 */
export function integerBias(bias: Float32Array, inputScale: number, weightScales: Float32Array): Int32Array {
  return Int32Array.from(bias, (value, channel) => {
    const code = Math.round(value / (inputScale * weightScales[weightScales.length === 1 ? 0 : channel]!));
    return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, code));
  });
}

/**
 * The output channels at one place: sums of products in int32 (which wraps, as in hardware; 33,025 products cannot reach that), bias, rescaling,
 * zero point, saturating cast. Integers only.
 * @param patch [groups][inputs], the zero point taken off; each group's outputs follow one another
 * @param at where the first channel goes in `target`; the others follow `step` apart
 */
export function computeOutputs(
  { outputs, inputs, weights, bias, multipliers, output }: IntegerLayer,
  patch: Int32Array,
  target: Int8Array | Uint8Array,
  at: number,
  step: number,
): void {
  const perGroup = (outputs * inputs) / patch.length;
  const [least, greatest] = LIMITS[output.type];
  for (let channel = 0; channel < outputs; channel++) {
    const from = Math.floor(channel / perGroup) * inputs;
    const row = channel * inputs;
    let sum = bias[channel]!;
    for (let i = 0; i < inputs; i++) sum = (sum + Math.imul(patch[from + i]!, weights[row + i]!)) | 0;
    const code = multiply(sum, multipliers[channel]!) + output.zeroPoint;
    target[at + channel * step] = Math.max(least, Math.min(greatest, code));
  }
}

/** An array of codes of the format. */
export function emptyCodes({ type }: Pick<IntegerFormat, 'type'>, count: number): Int8Array | Uint8Array {
  return type === 'int8' ? new Int8Array(count) : new Uint8Array(count);
}

/** @throws UserError if the tensor's data is not of its type and shape */
export function requireData(
  { type, dims, data }: Pick<QuantizedTensor, 'type' | 'dims' | 'data'>,
  name: string,
): void {
  const count = dims.reduce((product, size) => product * size, 1);
  if (data.length !== count || count === 0)
    throw new UserError(`The ${name} of shape [${dims}] has ${data.length} codes.`);
  if (data instanceof Int8Array !== (type === 'int8'))
    throw new UserError(`The ${name}'s codes are not ${type}.`);
}

function requireFormat({ type, scale, zeroPoint }: IntegerFormat, name: string): void {
  const [least, greatest] = LIMITS[type];
  if (!(scale > 0 && scale < Infinity))
    throw new UserError(`A scale of the ${name} is ${scale}; it must be a positive finite number.`);
  if (!Number.isInteger(zeroPoint) || zeroPoint < least || zeroPoint > greatest)
    throw new UserError(
      `A zero point of the ${name} is ${zeroPoint}, which is not one of the codes of ${type}.`,
    );
}
