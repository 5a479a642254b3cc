/** Vectors and the entries of their codebook. */

/** Vectors in a view of memory: `stride` numbers from one to the next. */
export interface Vectors {
  readonly numbers: Float32Array;
  readonly count: number;
  readonly stride: number;
  readonly dimension: number;
}

/** Codes in a view of memory. */
export interface StridedCodes {
  readonly codes: Uint8Array;
  readonly codeStride: number;
}

/** Sums of the vectors of each entry, and their counts. */
export interface EntrySums {
  readonly sums: Float64Array;
  readonly counts: Uint32Array;
}

/** See `Kernel.nearestEntries`. */
export function nearestEntries(
  { numbers, count, stride, dimension }: Vectors,
  codebook: Float32Array,
  { codes, codeStride }: StridedCodes,
  wanted: EntrySums | null,
): number {
  let total = 0;
  for (let v = 0; v < count; v++) {
    const at = v * stride;
    let nearest = 0;
    let least = squaredDistance(numbers, at, codebook, 0, dimension);
    for (let entry = 1, base = dimension; base < codebook.length; entry++, base += dimension) {
      const distance = squaredDistance(numbers, at, codebook, base, dimension);
      if (distance < least) {
        least = distance;
        nearest = entry;
      }
    }
    total += least;
    codes[v * codeStride] = nearest;
    if (wanted) {
      for (let k = 0; k < dimension; k++) wanted.sums[nearest * dimension + k]! += numbers[at + k]!;
      wanted.counts[nearest]!++;
    }
  }
  return total;
}

function squaredDistance(a: Float32Array, i: number, b: Float32Array, j: number, dimension: number): number {
  let sum = Math.fround(0);
  for (let k = 0; k < dimension; k++) {
    const difference = Math.fround(a[i + k]! - b[j + k]!);
    sum = Math.fround(sum + Math.fround(difference * difference));
  }
  return sum;
}

/** See `Kernel.entriesOf`; by integers, which keep every bit of a NaN. */
export function entriesOf(
  { codes, codeStride }: StridedCodes,
  count: number,
  stride: number,
  dimension: number,
  codebook: Int32Array,
  target: Int32Array,
): void {
  for (let v = 0; v < count; v++) {
    const from = codes[v * codeStride]! * dimension;
    for (let k = 0; k < dimension; k++) target[v * stride + k] = codebook[from + k]!;
  }
}
