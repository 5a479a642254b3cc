import type { RowStats } from '../quant/RowStats';
import type { Weight } from './Weight';
import type { Workbench } from './Workbench';

/** Statistics of every row of a weight; or how many of its weights are NaN or infinite, if any. */
export function rowStats(bench: Workbench, weight: Weight): RowStats | { readonly nonFinite: number } {
  const { channels, outer, inner } = weight.layout;
  const column = () => new Float64Array(channels);
  const stats = { cols: outer * inner, min: column(), max: column(), sumAbs: column(), sumSquares: column() };
  let nonFinite = 0;
  for (const block of bench.blocks(weight)) {
    const range = bench.range(block);
    if (!range) {
      for (const value of bench.weights(block)) if (!Number.isFinite(value)) nonFinite++;
      continue;
    }
    for (let r = 0; r < block.rows; r++) {
      const row = block.row + r;
      stats.min[row] = range[4 * r]!;
      stats.max[row] = range[4 * r + 1]!;
      stats.sumAbs[row] = range[4 * r + 2]!;
      stats.sumSquares[row] = range[4 * r + 3]!;
    }
  }
  return nonFinite > 0 ? { nonFinite } : stats;
}

/** The sentence for a layer whose weights are not all numbers; such a layer stays as it is. */
export function nonFiniteProblem(count: number, total: number): string {
  return `${count} of ${total} weights are NaN or infinite, so this layer stays as it is.`;
}
