/**
 * Inputs for a model without data: random numbers, which stand for nothing and are labelled as synthetic
 * wherever a figure comes from them.
 */
import { MAX_ELEMENTS } from './readers/StoredArray';
import type { ValueSummary } from '../../core/model/model';
import { UserError } from '../../base/UserError';
import { formatShape } from '../../core/report/format';
import { quoted } from '../../base/quoted';
import type { Feed } from '../runtime/RuntimeModel';
import { isLength } from './batchAxes';
import type { Random } from './random';

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Height and width of pictures, for free dimensions: as networks take them, and lines of text. */
const PICTURES: readonly (readonly [number, number])[] = [
  [224, 224],
  [48, 192],
  [48, 320],
  [256, 256],
  [640, 640],
  [64, 64],
  [32, 32],
  [28, 28],
];
/** Sizes for other free dimensions: a frame of sound in samples, a sentence in tokens. */
const LENGTHS = [512, 16, 128, 1, 64, 256, 1024, 32, 80, 320, 16000];

/** Sample rates that voice models accept, by the names their inputs go by. */
const SAMPLE_RATE = /^(sr|sample_?rate|sampling_?rate)$/i;
const MASK = /mask/i;

/**
 * Proposals for the shapes of all inputs, most plausible first. Those that the user fixed stay; free dimensions of the same
 * name agree; a leading free dimension is a batch of one, unless its name says a length.
 * @throws UserError if a fixed shape does not fit its input
 */
export function proposeShapes(inputs: readonly ValueSummary[], fixed: Shapes): Shapes[] {
  for (const name of Object.keys(fixed)) {
    if (!inputs.some((input) => input.name === name))
      throw new UserError(`A shape is given for ${quoted(name)}, but the model has no such input.`);
  }
  for (const input of inputs) {
    if (Object.hasOwn(fixed, input.name)) checkShape(input, fixed[input.name]!);
  }
  const proposals = new Map<string, Shapes>();
  for (const [height, width] of PICTURES) {
    for (const length of LENGTHS) {
      const shapes = fill(inputs, fixed, { height, width, length });
      proposals.set(JSON.stringify(shapes), shapes);
    }
  }
  return [...proposals.values()];
}

function fill(
  inputs: readonly ValueSummary[],
  fixed: Shapes,
  size: { height: number; width: number; length: number },
): Shapes {
  const named = new Map<string, number>();
  for (const input of inputs) {
    if (!Object.hasOwn(fixed, input.name)) continue;
    input.shape?.forEach((dim, axis) => {
      if (typeof dim === 'string') named.set(dim, fixed[input.name]![axis]!);
    });
  }
  const shapeOf = (input: ValueSummary): readonly number[] => {
    if (Object.hasOwn(fixed, input.name)) return fixed[input.name]!;
    const shape = input.shape ?? [];
    return shape.map((dim, axis) => {
      if (typeof dim === 'number') return dim;
      const agreed = dim !== null && named.get(dim);
      if (agreed) return agreed;
      const value = freeDimension(shape, axis, size);
      if (dim !== null) named.set(dim, value);
      return value;
    });
  };
  return Object.fromEntries(inputs.map((input) => [input.name, shapeOf(input)]));
}

/** A plausible size for the free dimension `axis` of an input. */
function freeDimension(
  shape: readonly (number | string | null)[],
  axis: number,
  size: { height: number; width: number; length: number },
): number {
  const name = String(shape[axis] ?? '');
  if (/batch/i.test(name) || (axis === 0 && !isLength(name))) return 1;
  if (shape.length === 4) {
    const channelsLast = typeof shape[3] === 'number' && shape[3] <= 4 && typeof shape[1] !== 'number';
    const picture = channelsLast ? [1, size.height, size.width, 3] : [1, 3, size.height, size.width];
    return picture[axis]!;
  }
  // [layers, batch, hidden]: the state of a recurrent network.
  if (shape.length === 3 && axis === 1 && typeof shape[0] === 'number' && typeof shape[2] === 'number')
    return 1;
  return size.length;
}

function checkShape(input: ValueSummary, shape: readonly number[]): void {
  const fits =
    input.shape === null ||
    (input.shape.length === shape.length &&
      input.shape.every((dim, axis) => typeof dim !== 'number' || dim === shape[axis]));
  if (!fits)
    throw new UserError(
      `The shape ${formatShape(shape)} does not fit the input ${quoted(input.name)}, which is ${formatShape(input.shape)}.`,
    );
}

/**
 * One sample for an input: standard normal for floating point, 0 or 1 for integers (valid whatever they index), ones for masks,
 * 16,000 for a sample rate.
 * @throws UserError if the input would be absurdly large, or takes text
 */
export function syntheticFeed(input: ValueSummary, shape: readonly number[], random: Random): Feed {
  if (input.elementType === 'string')
    throw new UserError(
      `The input ${quoted(input.name)} takes text, which random numbers cannot stand for: name data as calibration, .npy or .npz files of text (NumPy's type <U), or export without running the model (--no-verify, or the setting quantscope.export.verify).`,
    );
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > MAX_ELEMENTS)
    throw new UserError(
      `The input ${quoted(input.name)} with the shape ${formatShape(shape)} is too large to make.`,
    );
  const data = new Float64Array(count);
  const fillWith = (next: () => number) => {
    for (let i = 0; i < count; i++) data[i] = next();
  };
  if (SAMPLE_RATE.test(input.name)) data.fill(16_000);
  else if (MASK.test(input.name)) data.fill(1);
  else if (/float/.test(input.elementType)) fillWith(() => random.normal());
  else fillWith(() => Math.floor(random.uniform() * 2));
  return { type: input.elementType, shape, data };
}
