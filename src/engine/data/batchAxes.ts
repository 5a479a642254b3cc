/** Decides along which axis arrays of data are cut into samples: once, for all inputs and files together. */
import type { ValueSummary } from '../../core/model/model';
import { formatShape } from '../../core/report/format';
import { quoted } from '../../base/quoted';
import { elementCount } from './readers/StoredArray';

type Shape = readonly number[];
type Inputs = readonly ValueSummary[];

/** By input, the axis along which its arrays are cut into samples; null if each array is one sample. */
export type BatchAxes = ReadonlyMap<string, number | null>;

/** By input, the shapes of its arrays, file by file; null for a picture, or a file that cannot be read. */
export type ArrayShapes = ReadonlyMap<string, readonly (Shape | null)[]>;

/** An axis that may be the batch, and whether the model's own words say so. */
interface Candidate {
  readonly axis: number;
  readonly certain: boolean;
}

/** Names of dimensions that count samples, and of such as count what one sample is made of. */
const BATCH = /batch/i;
const BATCH_LETTER = /^(n|b|bs)$/i;
const LENGTH =
  /seq|len|time|frame|token|step|word|char|point|node|edge|height|width|audio|duration|^[tlshw]$/i;

/** Whether the name of a dimension says that it is the length of one sample. */
export function isLength(name: string): boolean {
  return LENGTH.test(name) && !BATCH.test(name);
}

/**
 * An axis is the batch for certain if its name says so or the model takes a size of 1 there. A free one without such a name is the batch
 * if lengths agree: with those of the inputs that are certain; or without any, of all inputs with each other, and of all files of an input
 * but the last, as batches do and recordings do not. A single dimension is more often the length of a sound, unless others go with it.
 */
export function batchAxes(inputs: Inputs, shapes: ArrayShapes): BatchAxes {
  const candidates = inputs.flatMap((input) => {
    const candidate = candidateOf(input, inputs);
    if (!candidate) return [];
    const lengths = shapes.get(input.name)!.map((shape) => lengthOf(shape, input, candidate.axis));
    return [{ ...candidate, input, lengths }];
  });
  const certain = candidates.filter((each) => each.certain);
  const others = candidates.filter((each) => !each.certain);
  const reference = certain[0] ?? others[0];
  const agreeing = others.filter(({ lengths }) => agree(lengths, reference!.lengths));
  const areBatches =
    certain.length > 0 ||
    (agreeing.length === others.length &&
      areBatchSizes(reference?.lengths ?? []) &&
      others.some(({ input }) => input.shape!.length > 1));
  const cut = [...certain, ...(areBatches ? agreeing : [])];
  const axes = new Map(cut.map(({ input, axis }) => [input.name, axis]));
  return new Map(inputs.map(({ name }) => [name, axes.get(name) ?? null]));
}

function candidateOf({ shape }: ValueSummary, inputs: Inputs): Candidate | null {
  if (!shape?.length) return null;
  const named = shape.findIndex((size) => typeof size === 'string' && BATCH.test(size));
  if (named >= 0) return { axis: named, certain: true };
  const [first, second] = shape;
  const isLetter = (size: unknown) => typeof size === 'string' && BATCH_LETTER.test(size);
  if (typeof first === 'string' && isLength(first))
    return isLetter(second) ? { axis: 1, certain: true } : null;
  if (first === 1) return { axis: 0, certain: true };
  if (typeof first === 'number') return null;
  // Of a single dimension the letter alone says little, unless the same one leads others.
  const leads = inputs.some((other) => (other.shape?.length ?? 0) > 1 && other.shape![0] === first);
  return { axis: 0, certain: isLetter(first) && leads };
}

/** Samples in an array, if it is cut along an axis. */
export function lengthOf(shape: Shape | null, input: ValueSummary, axis: number): number {
  return shape && isCut(shape, input, axis) ? shape[axis]! : 1;
}

/** Whether an array has several samples along an axis, each of which fits the input. */
export function isCut(shape: Shape, input: ValueSummary, axis: number): boolean {
  // An array without elements can say that it has any number of samples.
  return shape[axis]! > 1 && elementCount(shape) > 0 && fits(shape.with(axis, 1), input);
}

export function fits(shape: Shape, input: ValueSummary): boolean {
  const wanted = input.shape;
  return (
    !wanted ||
    (shape.length === wanted.length &&
      wanted.every((size, i) => typeof size !== 'number' || size === shape[i]))
  );
}

/** Whether two inputs have as many samples in each file; or altogether, if they have other numbers of files. */
function agree(a: readonly number[], b: readonly number[]): boolean {
  const sum = (lengths: readonly number[]) => lengths.reduce((total, length) => total + length, 0);
  return a.length === b.length ? a.every((length, i) => length === b[i]) : sum(a) === sum(b);
}

/** Whether all are alike, but for a smaller rest at the end. */
function areBatchSizes(lengths: readonly number[]): boolean {
  const [first = 1] = lengths;
  return lengths.every((length, i) => length === first || (i === lengths.length - 1 && length < first));
}

/** Says for which inputs arrays are cut, and along which axis; null where no array has more than one row. */
export function batchText(inputs: Inputs, axes: BatchAxes, shapes: ArrayShapes): string | null {
  const several = inputs.filter(({ name }) =>
    shapes.get(name)!.some((shape) => (shape?.[axes.get(name) ?? 0] ?? 1) > 1),
  );
  const sentences = several.flatMap((input) => {
    const axis = axes.get(input.name)!;
    const what = `${quoted(input.name)} ${formatShape(input.shape)}`;
    if (axis !== null) return [`Arrays for ${what} are cut into samples along axis ${axis}.`];
    return typeof input.shape?.[0] === 'number' ? [] : [`Each array for ${what} is one sample.`];
  });
  return sentences.length > 0 ? sentences.join(' ') : null;
}
