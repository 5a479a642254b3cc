import type { CrossMoments } from '../moments/CrossMoments';
import type { FactorBlock } from './FactorBlock';
import type { MomentsFactor } from './MomentsFactor';
import { rowSets } from './RowSet';

/**
 * What the weights of a layer are best replaced by before they are rounded, where it reads x' in place of x as the layers before it are quantized: W + W E[(x - x') x'T] (E[x' x'T] + damping)^-1, the
 * least-squares weights that make W x from x' (GPTAQ, Li et al. 2025, section 3).
 * @param weights [rows][cols], channel by channel
 * @param taps matrices in the weight, see `tapRows`; null if it is one for each group
 * @param factor of E[x' x'T]
 * @throws UserError if sizes do not fit
 */
export function mismatchTarget(
  {
    weights,
    rows,
    cols,
    taps,
  }: {
    readonly weights: Float32Array;
    readonly rows: number;
    readonly cols: number;
    readonly taps: number | null;
  },
  mismatch: Pick<CrossMoments, 'block' | 'products' | 'count'>,
  factor: MomentsFactor,
): Float32Array {
  const target = weights.slice();
  if (mismatch.count === 0) return target;
  for (const { group, first, rows: count, offset, stride } of rowSets(rows, cols, factor, taps))
    for (let r = first; r < first + count; r++)
      for (const block of factor.blocks[group]!) {
        const from = r * cols + offset + block.start * stride;
        const moved = new Float64Array(block.count);
        const row = (group * factor.perGroup + block.start) * mismatch.block;
        for (let i = 0; i < block.count; i++) {
          const weight = weights[from + i * stride]! / mismatch.count;
          if (weight === 0) continue;
          for (let j = 0; j < block.count; j++)
            moved[j]! += weight * mismatch.products[row + i * mismatch.block + j]!;
        }
        solve(block, moved);
        for (let i = 0; i < block.count; i++)
          target[from + i * stride] = weights[from + i * stride]! + moved[i]!;
      }
  return target;
}

/** Replaces the row b by b (VT P V)^-1, both in the order of the inputs. */
function solve({ count, order, shares, pivots }: FactorBlock, b: Float64Array): void {
  const x = Float64Array.from(order, (input) => b[input]!);
  // x VT P V = b: from the first position on, then back from the last.
  for (let j = 0; j < count; j++) {
    const xj = x[j]!;
    for (let k = j + 1; k < count; k++) x[k]! -= xj * shares[j * count + k]!;
  }
  for (let j = count - 1; j >= 0; j--) {
    let sum = x[j]! / pivots[j]!;
    for (let k = j + 1; k < count; k++) sum -= shares[j * count + k]! * x[k]!;
    x[j] = sum;
  }
  order.forEach((input, position) => (b[input] = x[position]!));
}
