/** Numbers of a data file; of 32 bits where these hold all that the file's type does. */
export type Numbers = Float32Array | Float64Array;

/** Elements of a data file. */
export type Elements = Numbers | readonly string[];

/** A tensor of a data file. */
export interface DataTensor {
  readonly shape: readonly number[];
  readonly data: Elements;
}

/** An array in a data file, read a part at a time. */
export interface StoredArray {
  readonly shape: readonly number[];
  /** Whether its elements are text. */
  readonly text: boolean;
  /**
   * @param first index of an element, the last axis running fastest
   * @throws UserError if they are too many for a sample, or damaged
   */
  readonly elements: (first: number, count: number) => Elements;
}

/** More elements than this in one input of one sample is a mistake in a shape, not a wish. */
export const MAX_ELEMENTS = 2 ** 28;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Some elements of the same array, one after the other. */
export function joined(parts: readonly Elements[]): Elements {
  const [first = []] = parts;
  if (parts.length === 1) return first;
  if (!ArrayBuffer.isView(first)) return (parts as readonly (readonly string[])[]).flat();
  const numbers = parts as readonly Numbers[];
  const length = numbers.reduce((sum, part) => sum + part.length, 0);
  const result = first instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  let at = 0;
  for (const part of numbers) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
