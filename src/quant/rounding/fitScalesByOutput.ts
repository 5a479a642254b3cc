import type { Pause } from '../../base/pauses';
import type { Groups } from '../Groups';
import { fillPanel } from './fillPanel';
import { gridOf, roundingProblem, type ScalarQuantizer } from './Grid';
import type { MomentsFactor } from './MomentsFactor';
import { NO_GROUP, panelLosses } from './Panel';
import { rescaled, scaleFreedom } from './rescaled';
import { plainLoops, type RoundingLoops } from './RoundingLoops';
import { rowSets, type RowSet } from './RowSet';
import { rowRanges } from './roundScalars';

/** Factors of the scales that are tried: first these, then nearer around each group's best. */
const COARSE = [0.92, 0.84, 0.76, 0.68, 0.6, 0.5, 1.1];
const FINER = [-0.04, 0.04];
const POWERS = [0.5, 2];

/**
 * Searches the scales with which the output's error is least *after rounding with feedback*, not that of weights rounded to nearest: rounding by moments prefers finer steps or wider
 * ranges than the weights by themselves do. A weight's share of the error is the part that later weights cannot make up for; as shares of groups add up, each group is searched by itself, all at once.
 * Rows that have a larger error with the scales so found keep theirs.
 * @param target [rows][cols] as `roundByMoments` has it
 * @returns the quantizer itself if it has no scales to choose
 */
export async function fitScalesByOutput<Q extends ScalarQuantizer>(
  target: Float32Array,
  quantizer: Q,
  factor: MomentsFactor,
  taps: number | null,
  pause: Pause,
  loops: RoundingLoops = plainLoops,
): Promise<Q> {
  const freedom = scaleFreedom(quantizer);
  if (freedom === null || roundingProblem(quantizer) !== null) return quantizer;
  const { groups } = quantizer;
  const sets = rowSets(groups.rows, groups.cols, factor, taps);
  const lossesOf = (factors: Float64Array) =>
    groupLosses(target, rescaled(quantizer, factors), factor, sets, loops, pause);
  const ones = new Float64Array(groups.count).fill(1);
  const best = ones.slice();
  const least = await lossesOf(ones);
  const before = least.slice();
  const attempt = async (factors: Float64Array) => {
    const losses = await lossesOf(factors);
    losses.forEach((loss, group) => {
      if (!(loss < least[group]!)) return;
      least[group] = loss;
      best[group] = factors[group]!;
    });
  };
  for (const share of freedom === 'any' ? COARSE : POWERS) await attempt(ones.map(() => share));
  if (freedom === 'any') {
    const from = best.slice();
    for (const step of FINER) await attempt(from.map((share) => share + step));
  }
  // Groups of one row compensate each other's errors, which the shares were not measured with.
  keepWhereWorse(best, before, await lossesOf(best), groups);
  return rescaled(quantizer, best);
}

/** The damped error of each group, after rounding. */
async function groupLosses(
  target: Float32Array,
  quantizer: ScalarQuantizer,
  factor: MomentsFactor,
  sets: readonly RowSet[],
  loops: RoundingLoops,
  pause: Pause,
): Promise<Float64Array> {
  const grid = gridOf(quantizer);
  const losses = new Float64Array(grid.groups.count);
  for (const range of rowRanges(sets)) {
    for (const block of factor.blocks[range.set.group]!) {
      const panel = fillPanel(target, grid, range, block);
      loops.nearestPlane(panel);
      const { groups } = panel.levels;
      panelLosses(panel).forEach((loss, at) => {
        if (groups[at] !== NO_GROUP) losses[groups[at]!]! += loss;
      });
    }
    await pause();
  }
  return losses;
}

/** Takes the factors of rows back whose groups have a larger error together. */
function keepWhereWorse(
  factors: Float64Array,
  before: Float64Array,
  after: Float64Array,
  { perRow, count }: Groups,
): void {
  const size = Math.max(1, perRow);
  const sum = (losses: Float64Array, from: number) =>
    losses.subarray(from, from + size).reduce((total, loss) => total + loss, 0);
  for (let from = 0; from < count; from += size)
    if (!(sum(after, from) < sum(before, from))) factors.fill(1, from, from + size);
}
