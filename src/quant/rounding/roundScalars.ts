import type { Pause } from '../../base/pauses';
import { fillPanel, placeValues, type RowRange } from './fillPanel';
import { gridOf, type ScalarQuantizer } from './Grid';
import type { MomentsFactor } from './MomentsFactor';
import type { RoundingLoops } from './RoundingLoops';
import type { RowSet } from './RowSet';

/** Rows that are rounded side by side: while they are, they and a row of the factor stay in the cache. */
const PANEL_ROWS = 16;

/** Cuts sets of rows into ranges that are rounded side by side. */
export function* rowRanges(sets: readonly RowSet[]): Generator<RowRange> {
  for (const set of sets)
    for (let from = 0; from < set.rows; from += PANEL_ROWS)
      yield { set, from, rows: Math.min(PANEL_ROWS, set.rows - from) };
}

/**
 * Rounds weights one by one with feedback of their errors.
 * @param targets [row][col], see `RowSet`
 * @returns the values, likewise
 */
export async function roundScalars(
  targets: Float32Array,
  quantizer: ScalarQuantizer,
  factor: MomentsFactor,
  sets: readonly RowSet[],
  loops: RoundingLoops,
  pause: Pause,
): Promise<Float32Array> {
  const grid = gridOf(quantizer);
  const values = new Float32Array(targets.length);
  for (const range of rowRanges(sets)) {
    for (const block of factor.blocks[range.set.group]!) {
      const panel = fillPanel(targets, grid, range, block);
      loops.nearestPlane(panel);
      placeValues(panel.values, values, range, grid.groups.cols, block);
    }
    await pause();
  }
  return values;
}
