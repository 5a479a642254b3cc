import { absMax, type RowStats } from '../quant/RowStats';
import { formatValue } from '../shared/format';
import type { Weight } from './Weight';
import type { Workbench } from './Workbench';

/** The kernel sums squares in float32, which holds them for weights of these magnitudes. */
const LEAST_MAGNITUDE = 1e-15;
const MOST_MAGNITUDE = 1e18;

/** Statistics of every row of a weight; or in one sentence why it cannot be quantized. */
export function rowStats(bench: Workbench, weight: Weight): RowStats | { readonly problem: string } {
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
  if (nonFinite > 0) return { problem: nonFiniteProblem(nonFinite, channels * stats.cols) };
  const largest = stats.min.reduce((most, _, row) => Math.max(most, absMax(stats, row)), 0);
  const measurable = largest === 0 || (largest >= LEAST_MAGNITUDE && largest <= MOST_MAGNITUDE);
  return measurable ? stats : { problem: magnitudeProblem(largest) };
}

function nonFiniteProblem(count: number, total: number): string {
  return `${count} of ${total} weights are NaN or infinite, so this layer stays as it is.`;
}

function magnitudeProblem(largest: number): string {
  return `The largest weight is ${formatValue(largest)}, too far from 1 to measure errors, so this layer stays as it is.`;
}
