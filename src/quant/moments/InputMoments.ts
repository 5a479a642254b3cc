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
    const vectors = new Float32Array(Math.min(taken, BATCH) * inputs);
    for (let first = 0; first < taken; first += BATCH) {
      const positions: number[] = [];
      for (let i = first; i < Math.min(first + BATCH, taken); i++)
        positions.push(
          stratum === 1 ? i : Math.min(source.positions - 1, Math.floor((i + random()) * stratum)),
        );
      if (source.copyMany) source.copyMany(positions, vectors);
      else positions.forEach((position, i) => source.copy(position, vectors, i * inputs));
      const finite = this.addSums(vectors, positions.length, stratum);
      this.skipped += (positions.length - finite) * stratum;
      this.count += finite * stratum;
      this.products.add(vectors, finite, stratum);
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

  /** Adds up the vectors, those with a NaN or infinity left out. @returns how many are left, all at the front */
  private addSums(vectors: Float32Array, count: number, weight: number): number {
    const { inputs, sums } = this;
    const added = sumsOf(vectors, count, inputs);
    // Numbers of float32 that are finite have finite sums, which is seen faster.
    if (!added.every(Number.isFinite))
      return this.addSums(vectors, keepFinite(vectors, count, inputs), weight);
    for (let i = 0; i < inputs; i++) sums[i]! += weight * added[i]!;
    return count;
  }

  private meanOver(start: number, end: number, d: ArrayLike<number>, offset: number): number {
    let sum = 0;
    for (let i = start; i < end; i++) sum += d[offset + i]! * this.sums[i]!;
    return this.count === 0 ? 0 : sum / this.count;
  }
}

type Three = [Float64Array, Float64Array, Float64Array];

/** Adds up vectors. */
function sumsOf(vectors: Float32Array, count: number, inputs: number): Float64Array {
  const sums = new Float64Array(inputs);
  const total = count * inputs;
  let from = 0;
  for (; from + 4 * inputs <= total; from += 4 * inputs)
    for (let i = 0, at = from; i < inputs; i++, at++)
      sums[i]! +=
        vectors[at]! + vectors[at + inputs]! + vectors[at + 2 * inputs]! + vectors[at + 3 * inputs]!;
  for (; from < total; from += inputs) for (let i = 0; i < inputs; i++) sums[i]! += vectors[from + i]!;
  return sums;
}

/** Moves the vectors that are finite to the front. @returns how many there are */
function keepFinite(vectors: Float32Array, count: number, inputs: number): number {
  let kept = 0;
  for (let v = 0; v < count; v++) {
    const vector = vectors.subarray(v * inputs, (v + 1) * inputs);
    if (vector.every(Number.isFinite)) vectors.set(vector, kept++ * inputs);
  }
  return kept;
}
