import { basename, extname } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import { pictureTensor } from './readers/pictureTensor';
import { readPicture } from './readers/readPicture';
import { elementCount, joined, type DataTensor, type StoredArray } from './readers/StoredArray';
import { toTensor } from '../runtime/RuntimeModel';
import type { ImageOptions } from '../../core/recipe/calibration';
import { formatShape } from '../../core/report/format';
import type { ValueSummary } from '../../core/model/model';
import { quoted } from '../../base/quoted';
import { UserError } from '../../base/UserError';
import { fits, isCut, lengthOf } from './batchAxes';
import { openArray, readWhole } from './openArray';

export const PICTURES: readonly string[] = ['.png', '.jpg', '.jpeg'];

/** The data of one input, and how it is cut into samples. */
export interface InputData {
  readonly input: ValueSummary;
  readonly files: readonly string[];
  /** Shapes of their arrays, see `arrayShapes`. */
  readonly shapes: readonly (readonly number[] | null)[];
  /** The axis along which arrays are cut; null if each is one sample. */
  readonly axis: number | null;
  readonly image: ImageOptions;
}

/** Shapes of the arrays in some files, of which the headers are read; null for a picture, or a file that cannot be read, of which it is told once it is. */
export function arrayShapes(files: readonly string[], { name }: ValueSummary): (readonly number[] | null)[] {
  return files.map((file) => {
    if (isPicture(file)) return null;
    try {
      return openArray(file, name).shape;
    } catch (error) {
      if (error instanceof UserError) return null;
      throw error;
    }
  });
}

/** The samples of one input: of each file one, or as many as its array is cut into. */
export class InputSamples {
  readonly count: number;
  /** Index of the first sample of each file. */
  private readonly firsts: readonly number[];
  /** The last array, as the next sample is likely to be in it as well, and some formats have to be unpacked. */
  private last: { readonly file: string; readonly array: StoredArray } | null = null;

  constructor(private readonly data: InputData) {
    const { input, shapes, axis } = data;
    let count = 0;
    this.firsts = shapes.map((shape) => {
      const first = count;
      count += axis === null ? 1 : lengthOf(shape, input, axis);
      return first;
    });
    this.count = count;
  }

  get input(): ValueSummary {
    return this.data.input;
  }

  get files(): readonly string[] {
    return this.data.files;
  }

  /** The file that a sample is in. */
  fileOf(sample: number): string {
    return this.files[this.fileIndexOf(sample)]!;
  }

  /** The sample's index among those of its file. */
  rowOf(sample: number): number {
    return sample - this.firsts[this.fileIndexOf(sample)]!;
  }

  /** @throws UserError if the file cannot be read or does not fit the input */
  read(sample: number): Tensor {
    const file = this.fileOf(sample);
    const { image, input } = this.data;
    const tensor = isPicture(file)
      ? pictureTensor(readPicture(readWhole(file), basename(file)), input, image)
      : this.fitted(this.open(file), this.rowOf(sample), basename(file));
    return toTensor({ type: input.elementType, ...tensor });
  }

  private fileIndexOf(sample: number): number {
    let [low, high] = [0, this.firsts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.firsts[middle]! <= sample) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private open(file: string): StoredArray {
    if (this.last?.file !== file) this.last = { file, array: openArray(file, this.input.name) };
    return this.last.array;
  }

  /** One of the samples that an array is cut into, or the array, in the shape of the input; one without the batch's axis gets it. */
  private fitted(array: StoredArray, row: number, file: string): DataTensor {
    const { input, axis } = this.data;
    const { shape } = array;
    if (array.text !== (input.elementType === 'string'))
      throw new UserError(
        `${file} holds ${array.text ? 'text' : 'numbers'}, but the input ${quoted(input.name)} takes ${input.elementType}.`,
      );
    if (axis !== null && isCut(shape, input, axis)) return sliceOf(array, axis, row);
    for (const sizes of [shape, shape.toSpliced(axis ?? 0, 0, 1)])
      if (fits(sizes, input)) return { shape: sizes, data: array.elements(0, elementCount(shape)) };
    throw new UserError(
      `${file} has the shape ${formatShape(shape)}, which does not fit the input ${quoted(input.name)}, ${formatShape(input.shape)}.`,
    );
  }
}

const isPicture = (file: string) => PICTURES.includes(extname(file).toLowerCase());

/** The part of an array with one index along an axis, which stays with a size of 1. */
function sliceOf({ shape, elements }: StoredArray, axis: number, index: number): DataTensor {
  const inner = elementCount(shape.slice(axis + 1));
  const parts = Array.from({ length: elementCount(shape.slice(0, axis)) }, (_, outer) =>
    elements((outer * shape[axis]! + index) * inner, inner),
  );
  return { shape: shape.with(axis, 1), data: joined(parts) };
}
