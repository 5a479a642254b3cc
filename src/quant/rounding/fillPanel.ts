import type { Grid } from './Grid';
import type { FactorBlock } from './FactorBlock';
import { NO_GROUP, type Panel, type PanelLevels } from './Panel';
import type { RowSet } from './RowSet';

/** Rows of a set: so many from the `from`-th on. */
export interface RowRange {
  readonly set: RowSet;
  readonly from: number;
  readonly rows: number;
}

/**
 * Brings rows of weights, those inputs of them that a block of the moments covers, into the form that the loops take.
 * @param weights [row][col], as `RowSet` finds them
 * @returns rows of zeros behind them make their number a multiple of four
 */
export function fillPanel(weights: Float32Array, grid: Grid, range: RowRange, block: FactorBlock): Panel {
  const rows = widthOf(range);
  const { count } = block;
  const targets = new Float32Array(count * rows);
  eachWeight(range, grid.groups.cols, block, (at, index) => (targets[at] = weights[index]!));
  return {
    block,
    rows,
    targets,
    values: new Float32Array(count * rows),
    errors: new Float32Array(count * rows),
    levels: panelLevels(grid, range, block),
  };
}

/** Writes a panel's values where its weights came from. */
export function placeValues(
  values: Float32Array,
  target: Float32Array,
  range: RowRange,
  cols: number,
  block: FactorBlock,
): void {
  eachWeight(range, cols, block, (at, index) => (target[index] = values[at]!));
}

function widthOf({ rows }: RowRange): number {
  return (rows + 3) & ~3;
}

function eachWeight(
  range: RowRange,
  cols: number,
  { start, count, order }: FactorBlock,
  visit: (at: number, index: number) => void,
): void {
  const { set, from, rows } = range;
  const width = widthOf(range);
  for (let p = 0; p < count; p++) {
    const first = (set.first + from) * cols + set.offset + (start + order[p]!) * set.stride;
    for (let r = 0; r < rows; r++) visit(p * width + r, first + r * cols);
  }
}

function panelLevels(grid: Grid, range: RowRange, block: FactorBlock): PanelLevels {
  const { set, from, rows } = range;
  const width = widthOf(range);
  const { perRow, size } = grid.groups;
  const units = new Int32Array(block.count);
  let [least, most] = [0, 0];
  if (perRow > 1) {
    const unitOf = (input: number) => Math.floor((set.offset + (block.start + input) * set.stride) / size);
    [least, most] = [unitOf(0), unitOf(block.count - 1)];
    block.order.forEach((input, p) => (units[p] = unitOf(input) - least));
  }
  const groups = Int32Array.from({ length: (most - least + 1) * width }, (_, i) => {
    if (i % width >= rows) return NO_GROUP;
    return (set.first + from + (i % width)) * perRow + (perRow > 0 ? least + Math.floor(i / width) : 0);
  });
  return { units, groups, scales: pick(grid.scales, groups, 1), numbers: numbersOf(grid, groups) };
}

function numbersOf(grid: Grid, groups: Int32Array): PanelLevels['numbers'] {
  if (grid.kind === 'steps')
    return { kind: 'steps', lowest: pick(grid.lowest, groups, 0), highest: pick(grid.highest, groups, 0) };
  const { levels, thresholds, count } = grid;
  if (levels.length === count) return { kind: 'table', levels, thresholds, count };
  const tablesOf = (tables: Float32Array) => {
    const picked = new Float32Array(groups.length * count);
    groups.forEach((group, i) => {
      if (group !== NO_GROUP) picked.set(tables.subarray(group * count, (group + 1) * count), i * count);
    });
    return picked;
  };
  return { kind: 'table', levels: tablesOf(levels), thresholds: tablesOf(thresholds), count };
}

function pick(numbers: Float32Array, groups: Int32Array, none: number): Float32Array {
  return Float32Array.from(groups, (group) => (group === NO_GROUP ? none : numbers[group]!));
}
