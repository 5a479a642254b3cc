import { basename, extname } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import { pictureTensor } from './readers/pictureTensor';
import { readPicture } from './readers/readPicture';
import { elementCount, type DataTensor, type StoredArray } from './readers/StoredArray';
import { toTensor } from '../runtime/RuntimeModel';
import type { ImageOptions } from '../../core/recipe/calibration';
import { formatShape } from '../../core/report/format';
import type { ValueSummary } from '../../core/model/model';
import { UserError } from '../../base/UserError';
import { openArray, readWhole } from './openArray';

export const PICTURES: readonly string[] = ['.png', '.jpg', '.jpeg'];

/**
 * What one input gets as samples: of each file one, or as many as an array has rows where the model takes one at a time. Of arrays
 * the headers are read at first.
 */
export class InputSamples {
  readonly count: number;
  /** Number of the first sample of each file. */
  private readonly firsts: readonly number[];
  /** The last array, as the next row of it is likely to be wanted next, and some formats have to be unpacked. */
  private last: { readonly file: string; readonly array: StoredArray } | null = null;

  constructor(
    readonly input: ValueSummary,
    readonly files: readonly string[],
    private readonly image: ImageOptions,
  ) {
    let count = 0;
    this.firsts = files.map((file) => {
      const first = count;
      count += this.rowsOf(file);
      return first;
    });
    this.count = count;
  }

  /** The file that a sample is in. */
  fileOf(sample: number): string {
    return this.files[this.placeOf(sample)]!;
  }

  /** Its number among those of its file. */
  rowOf(sample: number): number {
    return sample - this.firsts[this.placeOf(sample)]!;
  }

  /** @throws UserError if the file cannot be read or does not fit the input */
  read(sample: number): Tensor {
    const file = this.fileOf(sample);
    const { image, input } = this;
    const tensor = isPicture(file)
      ? pictureTensor(readPicture(readWhole(file), basename(file)), input, image)
      : fitted(this.open(file), this.rowOf(sample), input, basename(file));
    return toTensor({ type: input.elementType, ...tensor });
  }

  private placeOf(sample: number): number {
    let [low, high] = [0, this.firsts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.firsts[middle]! <= sample) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private rowsOf(file: string): number {
    if (isPicture(file)) return 1;
    try {
      const { shape } = this.open(file);
      return areRows(shape, this.input) ? shape[0]! : 1;
    } catch (error) {
      // It is said of the sample, once that is read.
      if (error instanceof UserError) return 1;
      throw error;
    }
  }

  private open(file: string): StoredArray {
    if (this.last?.file !== file) this.last = { file, array: openArray(file, this.input.name) };
    return this.last.array;
  }
}

const isPicture = (file: string) => PICTURES.includes(extname(file).toLowerCase());

/** A row of an array of samples, or the array, in the shape of the input; one without the batch's dimension gets it. */
function fitted(array: StoredArray, row: number, input: ValueSummary, file: string): DataTensor {
  const { shape } = array;
  if (areRows(shape, input)) {
    const one = [1, ...shape.slice(1)];
    return { shape: one, data: array.elements(row * elementCount(one), elementCount(one)) };
  }
  for (const sizes of [shape, [1, ...shape]])
    if (fits(sizes, input)) return { shape: sizes, data: array.elements(0, elementCount(shape)) };
  throw new UserError(
    `${file} has the shape ${formatShape(shape)}, which does not fit the input "${input.name}", ${formatShape(input.shape)}.`,
  );
}

/** Whether an array is one of samples: more in its first dimension, where the input has a batch of one or of any size. */
function areRows(shape: readonly number[], input: ValueSummary): boolean {
  const [batch] = input.shape ?? [];
  const isBatch =
    batch === 1 ||
    (batch !== undefined &&
      typeof batch !== 'number' &&
      // The only dimension of an input is more often a length, as that of a sound.
      (input.shape!.length > 1 || /batch/i.test(batch ?? '')));
  // An array without elements can say that it has any number of rows.
  return isBatch && shape[0]! > 1 && elementCount(shape) > 0 && fits([1, ...shape.slice(1)], input);
}

function fits(sizes: readonly number[], { shape }: ValueSummary): boolean {
  return (
    !shape ||
    (sizes.length === shape.length && shape.every((size, i) => typeof size !== 'number' || size === sizes[i]))
  );
}
