import { UserError } from '../../base/UserError';
import type { Sampling } from './InputMoments';
import type { PatchSource } from './PatchSource';

/** Vectors that are gathered before their products are added. */
const BATCH = 32;

/**
 * Sums of (x - x') x'T of a layer's input vectors: x as the float model has them, x' as they come out of quantized layers. Of the positions that `InputMoments.add` takes with the same
 * numbers from `random`, and of the same blocks, but whole, as they are not symmetric.
 */
export class CrossMoments {
  /** Vectors that the sums stand for. */
  count = 0;
  /** [inputs][block]: row i has the products of (x - x')[i] with the elements of its block of x'. */
  readonly products: Float64Array;

  /** @param shape of the moments of x' */
  constructor(readonly shape: { readonly inputs: number; readonly groups: number; readonly block: number }) {
    this.products = new Float64Array(shape.inputs * shape.block);
  }

  get block(): number {
    return this.shape.block;
  }

  /** @throws UserError if the vectors are of another length or number */
  add(float: PatchSource, quantized: PatchSource, { mostPositions, random }: Sampling): void {
    const { inputs } = this.shape;
    if (float.inputs !== inputs || quantized.inputs !== inputs || float.positions !== quantized.positions)
      throw new UserError("A layer's inputs differ in size between the float and the quantized model.");
    const taken = Math.min(float.positions, mostPositions);
    const stratum = float.positions / taken;
    const length = Math.min(taken, BATCH) * inputs;
    const [differences, vectors] = [new Float32Array(length), new Float32Array(length)];
    let filled = 0;
    for (let i = 0; i < taken; i++) {
      const position =
        stratum === 1 ? i : Math.min(float.positions - 1, Math.floor((i + random()) * stratum));
      const at = filled * inputs;
      float.copy(position, differences, at);
      quantized.copy(position, vectors, at);
      // Finite where both are: what is infinite or NaN makes the sum NaN.
      let sum = 0;
      for (let j = at; j < at + inputs; j++) {
        differences[j]! -= vectors[j]!;
        sum += differences[j]! * 0 + vectors[j]! * 0;
      }
      if (sum === 0) filled++;
      if (filled * inputs < length && i + 1 < taken) continue;
      this.addProducts(differences, vectors, filled, stratum);
      filled = 0;
    }
  }

  private addProducts(differences: Float32Array, vectors: Float32Array, count: number, weight: number): void {
    const { shape, products } = this;
    const { inputs, groups, block } = shape;
    const perGroup = inputs / groups;
    this.count += count * weight;
    for (let start = 0; start < inputs;) {
      const groupEnd = (Math.floor(start / perGroup) + 1) * perGroup;
      const end = Math.min(start + block, groupEnd);
      for (let i = start; i < end; i++)
        addRow(differences, vectors, { count, inputs, i, start, end, weight }, products, i * block - start);
      start = end;
    }
  }
}

interface Row {
  readonly count: number;
  readonly inputs: number;
  readonly i: number;
  readonly start: number;
  readonly end: number;
  readonly weight: number;
}

/** Adds weight * difference[i] * x'[start ... end - 1] of all vectors, four at a time, so that each sum is read and written once for four products. */
function addRow(
  differences: Float32Array,
  vectors: Float32Array,
  { count, inputs, i, start, end, weight }: Row,
  sums: Float64Array,
  row: number,
): void {
  let vector = 0;
  for (; vector + 4 <= count; vector += 4) {
    const a = vector * inputs;
    const [b, c, d] = [a + inputs, a + 2 * inputs, a + 3 * inputs];
    const xa = weight * differences[a + i]!;
    const xb = weight * differences[b + i]!;
    const xc = weight * differences[c + i]!;
    const xd = weight * differences[d + i]!;
    // An input that quantization left alone.
    if (xa === 0 && xb === 0 && xc === 0 && xd === 0) continue;
    for (let j = start; j < end; j++)
      sums[row + j]! +=
        xa * vectors[a + j]! + xb * vectors[b + j]! + xc * vectors[c + j]! + xd * vectors[d + j]!;
  }
  for (; vector < count; vector++) {
    const a = vector * inputs;
    const x = weight * differences[a + i]!;
    for (let j = start; j < end; j++) sums[row + j]! += x * vectors[a + j]!;
  }
}
