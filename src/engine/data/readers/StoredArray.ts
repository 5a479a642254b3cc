/** Numbers of a data file; of 32 bits where these hold all that the file's type does. */
export type Numbers = Float32Array | Float64Array;

/** A tensor of a data file. */
export interface DataTensor {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** An array in a data file, read a part at a time. */
export interface StoredArray {
  readonly shape: readonly number[];
  /**
   * @param first number of an element, the last index running fastest
   * @throws UserError if they are too many for a sample, or damaged
   */
  elements(first: number, count: number): Numbers;
}

/** More elements than this in one input of one sample is a mistake in a shape, not a wish. */
export const MAX_ELEMENTS = 2 ** 28;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
