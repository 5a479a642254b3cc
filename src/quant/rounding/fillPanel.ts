import type { Grid } from './Grid';
import type { FactorBlock } from './FactorBlock';
import type { Panel, PanelLevels } from './Panel';
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
 */
export function fillPanel(weights: Float32Array, grid: Grid, range: RowRange, block: FactorBlock): Panel {
  const { rows } = range;
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

function eachWeight(
  { set, from, rows }: RowRange,
  cols: number,
  { start, count, order }: FactorBlock,
  visit: (at: number, index: number) => void,
): void {
  for (let p = 0; p < count; p++) {
    const first = (set.first + from) * cols + set.offset + (start + order[p]!) * set.stride;
    for (let r = 0; r < rows; r++) visit(p * rows + r, first + r * cols);
  }
}

function panelLevels(grid: Grid, { set, from, rows }: RowRange, block: FactorBlock): PanelLevels {
  const { perRow, size } = grid.groups;
  const units = new Int32Array(block.count);
  let [least, most] = [0, 0];
  if (perRow > 1) {
    const unitOf = (input: number) => Math.floor((set.offset + (block.start + input) * set.stride) / size);
    [least, most] = [unitOf(0), unitOf(block.count - 1)];
    block.order.forEach((input, p) => (units[p] = unitOf(input) - least));
  }
  const groups = new Int32Array((most - least + 1) * rows);
  if (perRow > 0)
    groups.forEach((_, i) => {
      const row = set.first + from + (i % rows);
      groups[i] = row * perRow + least + Math.floor(i / rows);
    });
  const pick = (numbers: Float32Array) => Float32Array.from(groups, (group) => numbers[group]!);
  const scales = pick(grid.scales);
  if (grid.kind === 'steps')
    return {
      units,
      groups,
      scales,
      numbers: { kind: 'steps', lowest: pick(grid.lowest), highest: pick(grid.highest) },
    };
  const { levels, thresholds, count } = grid;
  if (levels.length === count)
    return { units, groups, scales, numbers: { kind: 'table', levels, thresholds, count } };
  const pickTables = (tables: Float32Array) => {
    const picked = new Float32Array(groups.length * count);
    groups.forEach((group, i) => picked.set(tables.subarray(group * count, (group + 1) * count), i * count));
    return picked;
  };
  return {
    units,
    groups,
    scales,
    numbers: { kind: 'table', levels: pickTables(levels), thresholds: pickTables(thresholds), count },
  };
}
