import type { MomentsState } from '../moments/InputMoments';
import type { FactorBlock } from './FactorBlock';
import { plainLoops, type RoundingLoops } from './RoundingLoops';

/** E[x xT] + damping = VT P V of a layer's inputs, block by block: made once for all schemes and rows. */
export interface MomentsFactor {
  readonly groups: number;
  readonly perGroup: number;
  /** See `FactorOptions`. */
  readonly run: number;
  /** The blocks of each group. */
  readonly blocks: readonly (readonly FactorBlock[])[];
}

export interface FactorOptions {
  /** Share of the mean of a block's diagonal that is added to it (Frantar et al. 2023, section 3.3). */
  readonly damping?: number;
  /**
   * Inputs that stay together, in their order: the length of vectors; the runs are put in order by their inputs' power. Infinity keeps all in order.
   */
  readonly run?: number;
}

/** As GPTQ's. */
const DAMPING = 0.01;
/** Where rounding leaves a matrix without a root, it gets so many times the damping. */
const MORE = 10;

/**
 * Factorizes the second moments of a layer's inputs, those of largest power last, which are rounded first ("act-order", Frantar et al. 2023).
 * An input that is always zero has no part in any other's, and is rounded to nearest.
 */
export function factorMoments(
  state: Pick<MomentsState, 'inputs' | 'groups' | 'block' | 'count' | 'products'>,
  { damping = DAMPING, run = 1 }: FactorOptions = {},
  loops: Pick<RoundingLoops, 'factorize'> = plainLoops,
): MomentsFactor {
  const { inputs, groups, block } = state;
  const perGroup = inputs / groups;
  const blocks = Array.from({ length: groups }, (_, group) =>
    Array.from({ length: Math.ceil(perGroup / block) }, (_, index) => {
      const start = index * block;
      const count = Math.min(block, perGroup - start);
      return factorBlock(state, group * perGroup + start, { start, count, damping, run }, loops);
    }),
  );
  return { groups, perGroup, run, blocks };
}

function factorBlock(
  { products, block, count: vectors }: Pick<MomentsState, 'block' | 'count' | 'products'>,
  first: number,
  { start, count, damping, run }: { start: number; count: number } & Required<FactorOptions>,
  loops: Pick<RoundingLoops, 'factorize'>,
): FactorBlock {
  // Of the symmetric products, those on and right of the diagonal are stored.
  const at = (i: number, j: number) => products[(first + Math.min(i, j)) * block + Math.max(i, j)]!;
  const unit = vectors > 0 ? 1 / vectors : 0;
  const powers = Float64Array.from({ length: count }, (_, i) => at(i, i) * unit);
  const order = ascending(powers, run);
  const mean = powers.reduce((sum, power) => sum + power, 0) / count;
  const matrix = new Float64Array(count * count);
  // Of a block that nothing flows through, any multiple of the identity serves.
  for (let added = damping * mean || 1; ; added *= MORE) {
    for (let i = 0; i < count; i++) {
      for (let j = i; j < count; j++) matrix[i * count + j] = at(order[i]!, order[j]!) * unit;
      matrix[i * count + i]! += added;
    }
    if (!loops.factorize(matrix, count)) continue;
    const pivots = Float64Array.from({ length: count }, (_, i) => matrix[i * count + i]!);
    return { start, count, order, shares: Float32Array.from(matrix), pivots, damping: added };
  }
}

/** Inputs in runs, by ascending power of the runs; of equal ones, the first is last and so rounded first. */
function ascending(powers: Float64Array, run: number): Int32Array {
  const { length } = powers;
  const size = Math.min(run, length);
  const starts = Array.from({ length: Math.ceil(length / size) }, (_, i) => i * size);
  const sums = starts.map((from) =>
    powers.subarray(from, from + size).reduce((sum, power) => sum + power, 0),
  );
  const ordered = starts
    .map((from, index) => ({ from, sum: sums[index]! }))
    .sort((a, b) => a.sum - b.sum || b.from - a.from);
  return Int32Array.from(
    ordered.flatMap(({ from }) => Array.from({ length: Math.min(size, length - from) }, (_, i) => from + i)),
  );
}
