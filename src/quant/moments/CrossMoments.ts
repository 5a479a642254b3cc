import { UserError } from '../../base/UserError';
import type { Sampling } from './InputMoments';
import type { PatchSource } from './PatchSource';

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
    const [difference, vector] = [new Float32Array(inputs), new Float32Array(inputs)];
    for (let i = 0; i < taken; i++) {
      const position =
        stratum === 1 ? i : Math.min(float.positions - 1, Math.floor((i + random()) * stratum));
      float.copy(position, difference, 0);
      quantized.copy(position, vector, 0);
      // Finite where both are: what is infinite or NaN makes the sum NaN.
      let sum = 0;
      for (let j = 0; j < inputs; j++) {
        const d = difference[j]! - vector[j]!;
        difference[j] = d;
        sum += d * 0 + vector[j]! * 0;
      }
      if (sum === 0) this.addProduct(difference, vector, stratum);
    }
  }

  private addProduct(difference: Float32Array, vector: Float32Array, weight: number): void {
    const { shape, products } = this;
    const { inputs, groups, block } = shape;
    const perGroup = inputs / groups;
    this.count += weight;
    for (let i = 0; i < inputs; i++) {
      const x = weight * difference[i]!;
      if (x === 0) continue;
      const group = Math.floor(i / perGroup) * perGroup;
      const start = group + Math.floor((i - group) / block) * block;
      const end = Math.min(start + block, group + perGroup);
      for (let j = start; j < end; j++) products[i * block + j - start]! += x * vector[j]!;
    }
  }
}
