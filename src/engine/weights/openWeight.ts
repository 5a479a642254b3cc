import { largestMagnitude } from '../../quant/GroupStats';
import { groupsOf } from '../../quant/Groups';
import { formatValue } from '../../core/report/format';
import { weightCount, type Weight } from './Weight';
import { groupStats, WeightPasses } from './WeightPasses';
import type { WeightKernel } from './WeightKernel';

/** The kernel sums squares in float32, which holds them for weights of these magnitudes. */
const MIN_MAGNITUDE = 1e-15;
const MAX_MAGNITUDE = 1e18;

/** Makes a weight ready to be quantized; or says in one sentence why it cannot be. */
export function openWeight(
  weightKernel: WeightKernel,
  weight: Weight,
): WeightPasses | { readonly problem: string } {
  const { channels, outer, inner } = weight.layout;
  const stats = groupStats(weightKernel, weight, groupsOf(channels, outer * inner, 'channel'));
  if (!stats) return { problem: nonFiniteProblem(countNonFinite(weightKernel, weight), weightCount(weight)) };
  const largest = largestMagnitude(stats);
  const measurable = largest === 0 || (largest >= MIN_MAGNITUDE && largest <= MAX_MAGNITUDE);
  return measurable ? new WeightPasses(weightKernel, weight, stats) : { problem: magnitudeProblem(largest) };
}

function countNonFinite(weightKernel: WeightKernel, weight: Weight): number {
  let count = 0;
  for (const block of weightKernel.blocks(weight))
    for (const value of weightKernel.weights(block)) if (!Number.isFinite(value)) count++;
  return count;
}

function nonFiniteProblem(count: number, total: number): string {
  return `${count} of ${total} weights are NaN or infinite, so this layer stays as it is.`;
}

function magnitudeProblem(largest: number): string {
  return `The largest weight is ${formatValue(largest)}, too far from 1 to measure errors, so this layer stays as it is.`;
}
