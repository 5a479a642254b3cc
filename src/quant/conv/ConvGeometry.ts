import { UserError } from '../../base/UserError';

/** Attributes of ONNX's Conv, one number per spatial axis; what is left out has the operator's default. */
export interface ConvAttributes {
  readonly group?: number;
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  /** All beginnings, then all ends. */
  readonly pads?: readonly number[];
  readonly autoPad?: 'NOTSET' | 'VALID' | 'SAME_UPPER' | 'SAME_LOWER';
}

/** One spatial axis of a convolution. */
export interface ConvAxis {
  /** Length of the input, of the kernel and of the output. */
  readonly input: number;
  readonly kernel: number;
  readonly output: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the input's first element. */
  readonly before: number;
}

/** Sizes of a convolution in two dimensions: input [batch][channels][down][across], weights [outputs][channels / groups][down][across]. */
export interface ConvGeometry {
  readonly batch: number;
  readonly channels: number;
  readonly groups: number;
  readonly outputs: number;
  readonly down: ConvAxis;
  readonly across: ConvAxis;
}

/** Typed arrays of 32-bit indices hold no more. */
const MAX_ELEMENTS = 2 ** 31 - 1;

/**
 * Sizes of a Conv node (ONNX operator specification, Conv). A convolution in one dimension is one in two over a single row.
 * @param input [batch][channels][...spatial]
 * @param weight [outputs][channels / group][...kernel]
 * @throws UserError if the shapes and attributes do not fit each other, or there are more than two spatial axes
 */
export function convGeometry(
  input: readonly number[],
  weight: readonly number[],
  attributes: ConvAttributes = {},
): ConvGeometry {
  const rank = input.length - 2;
  if (rank !== 1 && rank !== 2)
    throw new UserError(`A convolution has 1 or 2 spatial axes here; its input has the shape [${input}].`);
  if (weight.length !== input.length)
    throw new UserError(`The weight of shape [${weight}] does not fit the convolution's input [${input}].`);
  for (const size of [...input, ...weight]) requireWhole(size, 1, 'a size');
  const [batch, channels] = input as [number, number];
  const outputs = weight[0]!;
  const groups = attributes.group ?? 1;
  requireWhole(groups, 1, 'the attribute group');
  if (channels !== weight[1]! * groups || outputs % groups !== 0)
    throw new UserError(
      `A weight of shape [${weight}] in ${groups} groups does not fit an input of ${channels} channels.`,
    );
  const axes = Array.from({ length: rank }, (_, axis) => convAxis(input, weight, axis, attributes));
  const across = axes.pop()!;
  const down = axes.pop() ?? { input: 1, kernel: 1, output: 1, stride: 1, dilation: 1, before: 0 };
  if (batch * outputs * down.output * across.output > MAX_ELEMENTS)
    throw new UserError("The convolution's output would have more than 2^31 elements.");
  return { batch, channels, groups, outputs, down, across };
}

/** Inputs of one output channel: the channels of its group times the kernel's taps. */
export function patchLength({ channels, groups, down, across }: ConvGeometry): number {
  return (channels / groups) * down.kernel * across.kernel;
}

/** Places of the kernel over the whole batch. */
export function positionCount({ batch, down, across }: ConvGeometry): number {
  return batch * down.output * across.output;
}

function convAxis(
  inputShape: readonly number[],
  weightShape: readonly number[],
  axis: number,
  attributes: ConvAttributes,
): ConvAxis {
  const rank = inputShape.length - 2;
  const input = inputShape[axis + 2]!;
  const kernel = weightShape[axis + 2]!;
  const stride = listed(attributes.strides, rank, 1, 'strides')[axis]!;
  const dilation = listed(attributes.dilations, rank, 1, 'dilations')[axis]!;
  const reach = (kernel - 1) * dilation + 1;
  const pads = listed(attributes.pads, 2 * rank, 0, 'pads');
  const [before, after] = axisPads(input, reach, stride, attributes.autoPad, [
    pads[axis]!,
    pads[axis + rank]!,
  ]);
  const output = Math.floor((input + before + after - reach) / stride) + 1;
  if (output < 1)
    throw new UserError(`The convolution's kernel is larger than its padded input [${inputShape}].`);
  return { input, kernel, output, stride, dilation, before };
}

function axisPads(
  input: number,
  reach: number,
  stride: number,
  autoPad: ConvAttributes['autoPad'] = 'NOTSET',
  pads: readonly [before: number, after: number],
): readonly [before: number, after: number] {
  if (autoPad === 'NOTSET') return pads;
  if (autoPad === 'VALID') return [0, 0];
  // As many outputs as strides fit in the input; an odd zero goes to the end named.
  const total = Math.max(0, (Math.ceil(input / stride) - 1) * stride + reach - input);
  const less = Math.floor(total / 2);
  return autoPad === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
}

function listed(
  values: readonly number[] | undefined,
  count: number,
  least: number,
  name: string,
): readonly number[] {
  if (values === undefined || values.length === 0) return new Array<number>(count).fill(least);
  if (values.length !== count)
    throw new UserError(`The convolution's ${name} are ${values.length} numbers instead of ${count}.`);
  for (const value of values) requireWhole(value, least, `a number of the attribute ${name}`);
  return values;
}

function requireWhole(value: number, least: number, what: string): void {
  if (!Number.isInteger(value) || value < least || value > MAX_ELEMENTS)
    throw new UserError(
      `Of a convolution, ${what} is ${value}; it must be a whole number of at least ${least}.`,
    );
}
