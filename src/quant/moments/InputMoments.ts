import { UserError } from '../../base/UserError';
import type { PatchSource } from './PatchSource';
import { plainProducts, type MakeProducts, type Products } from './Products';

/** Second moments of a layer's inputs as plain data, for another process. */
export interface MomentsState {
  readonly inputs: number;
  readonly groups: number;
  readonly block: number;
  readonly count: number;
  readonly skipped: number;
  readonly sums: Float64Array;
  readonly products: Float64Array;
}

export interface Sampling {
  /** Of one sample's vectors, so many at most are looked at. */
  readonly mostPositions: number;
  /** Uniform in [0, 1); seeded, so that figures can be repeated. */
  readonly random: () => number;
}

/** Numbers kept for one layer: 8 MB. Layers of up to 1,024 inputs fit exactly. */
const MAX_NUMBERS = 2 ** 20;
/** Vectors that are gathered before their products are added. */
const BATCH = 64;
/** Inputs of which vectors are gathered at a time, if groups are small enough: 64 kB. */
const MOST_AT_A_TIME = 256;

/**
 * E[x] and E[x xT] of a layer's input vectors x, group by group, gathered sample by sample in bounded memory. From these follows the mean squared
 * error of the layer's output for any error d of a row of weights: d E[x xT] dT.
 *
 * Where the matrix is too large, blocks on its diagonal are kept, down to the diagonal alone, and inputs of different blocks are taken as
 * uncorrelated: E[x y] = E[x] E[y]. Leaving that product out would be far off after a ReLU, where no mean is zero.
 */
export class InputMoments {
  /** Inputs whose products with each other are summed. */
  readonly block: number;
  /** Vectors that the sums stand for. */
  count = 0;
  /** Vectors with a NaN or infinity, left out; scaled up from those sampled, as `count` is. */
  skipped = 0;
  private readonly sums: Float64Array;
  private readonly products: Products;

  /**
   * @param inputs elements of a vector, all groups together
   * @param make where products are summed
   * @throws UserError if groups do not divide the inputs, or even their diagonal is too large
   */
  constructor(
    readonly inputs: number,
    readonly groups: number,
    mostNumbers = MAX_NUMBERS,
    make: MakeProducts = plainProducts,
  ) {
    if (!(inputs > 0 && groups > 0 && Number.isInteger(inputs / groups)))
      throw new UserError(`A layer's ${inputs} inputs cannot be cut into ${groups} groups.`);
    this.block = Math.min(this.perGroup, Math.floor(mostNumbers / inputs));
    if (this.block < 1)
      throw new UserError(`A layer of ${inputs} inputs is too large for their second moments.`);
    this.sums = new Float64Array(inputs);
    const { perGroup, block } = this;
    this.products = make({ inputs, perGroup, block });
  }

  /** Inputs of one output channel. */
  get perGroup(): number {
    return this.inputs / this.groups;
  }

  /** Whether all products of all vectors are summed; else the error computed from them is an estimate, to be called so. */
  get exact(): boolean {
    return this.block === this.perGroup && this.skipped === 0;
  }

  /**
   * Adds the vectors of one sample: all of them, or if they are too many one at random from each of `mostPositions` equal strata, which stands
   * for its stratum. As each vector is taken as often as others on average, the sums' expectation is that of all vectors.
   * @throws UserError if the vectors are of another length
   */
  add(source: PatchSource, { mostPositions, random }: Sampling): void {
    const { inputs } = this;
    if (source.inputs !== inputs)
      throw new UserError(`A layer's input vectors have ${source.inputs} elements instead of ${inputs}.`);
    const taken = Math.min(source.positions, mostPositions);
    const stratum = source.positions / taken;
    for (let first = 0; first < taken; first += BATCH) {
      const positions = Array.from({ length: Math.min(BATCH, taken - first) }, (_, i) =>
        stratum === 1
          ? first + i
          : Math.min(source.positions - 1, Math.floor((first + i + random()) * stratum)),
      );
      const finite = source.finite ? positions : finiteOf(source, positions);
      this.skipped += (positions.length - finite.length) * stratum;
      this.addPart(source, finite, stratum);
    }
  }

  /** E[d.x] over the vectors of a group. @param d `perGroup` numbers from `at` on */
  mean(group: number, d: ArrayLike<number>, at = 0): number {
    return this.meanOver(group * this.perGroup, (group + 1) * this.perGroup, d, at - group * this.perGroup);
  }

  /** E[(d.x)^2] = d E[x xT] dT over the vectors of a group. @param d `perGroup` numbers from `at` on */
  meanSquare(group: number, d: ArrayLike<number>, at = 0): number {
    return this.meanSquares(group, d, at, 1)[0]!;
  }

  /** The same of several rows d, one after the other. */
  meanSquares(group: number, d: ArrayLike<number>, at: number, rows: number): Float64Array {
    const { perGroup, block, products } = this;
    const first = group * perGroup;
    const last = first + perGroup;
    const [squares, means, ownSquares] = [0, 1, 2].map(() => new Float64Array(rows)) as Three;
    for (let start = first; start < last; start += block) {
      const end = Math.min(start + block, last);
      const from = at - first + start;
      const forms = products.forms(start, end - start, { d, from, rows, stride: perGroup });
      for (let r = 0; r < rows; r++) {
        squares[r]! += forms[r]!;
        const mean = this.meanOver(start, end, d, at - first + r * perGroup);
        means[r]! += mean;
        ownSquares[r]! += mean * mean;
      }
    }
    return squares.map((sum, r) => {
      const square = this.count === 0 ? 0 : sum / this.count;
      // With one block the last two are the same number, and nothing is added.
      return Math.max(0, square + (means[r]! * means[r]! - ownSquares[r]!));
    });
  }

  get state(): MomentsState {
    const { inputs, groups, block, count, skipped, sums, products } = this;
    return { inputs, groups, block, count, skipped, sums: sums.slice(), products: products.numbers.slice() };
  }

  /**
   * @param make where the products go
   * @throws UserError if the numbers do not fit each other
   */
  static from(state: MomentsState, make?: MakeProducts): InputMoments {
    const { inputs, groups, block, count, skipped, sums, products } = state;
    const moments = new InputMoments(inputs, groups, inputs * block, make);
    if (moments.block !== block || sums.length !== inputs || products.length !== inputs * block)
      throw new UserError("Stored second moments of a layer's inputs are damaged.");
    moments.sums.set(sums);
    moments.products.numbers.set(products);
    return Object.assign(moments, { count, skipped });
  }

  /** Adds some vectors: as many groups at a time as stay in the cache meanwhile. */
  private addPart(source: PatchSource, positions: readonly number[], weight: number): void {
    const { inputs, perGroup, sums } = this;
    const count = positions.length;
    this.count += count * weight;
    const most = perGroup * Math.max(1, Math.floor(MOST_AT_A_TIME / perGroup));
    const vectors = new Float32Array(Math.min(inputs, most) * count);
    for (let first = 0; first < inputs; first += most) {
      const width = Math.min(most, inputs - first);
      source.copyPart(positions, first, width, vectors);
      addSums(vectors, count, width, weight, sums.subarray(first, first + width));
      this.products.add(first, width, vectors, count, weight);
    }
  }

  private meanOver(start: number, end: number, d: ArrayLike<number>, offset: number): number {
    let sum = 0;
    for (let i = start; i < end; i++) sum += d[offset + i]! * this.sums[i]!;
    return this.count === 0 ? 0 : sum / this.count;
  }
}

type Three = [Float64Array, Float64Array, Float64Array];

/** Adds weight * x of each vector x. */
function addSums(
  vectors: Float32Array,
  count: number,
  width: number,
  weight: number,
  sums: Float64Array,
): void {
  const total = count * width;
  let from = 0;
  for (; from + 4 * width <= total; from += 4 * width)
    for (let i = 0, at = from; i < width; i++, at++)
      sums[i]! +=
        weight * (vectors[at]! + vectors[at + width]! + vectors[at + 2 * width]! + vectors[at + 3 * width]!);
  for (; from < total; from += width) for (let i = 0; i < width; i++) sums[i]! += weight * vectors[from + i]!;
}

/** The positions whose vectors have neither NaN nor infinities. */
function finiteOf(source: PatchSource, positions: readonly number[]): number[] {
  const vector = new Float32Array(source.inputs);
  return positions.filter((position) => {
    source.copy(position, vector, 0);
    return vector.every(Number.isFinite);
  });
}
