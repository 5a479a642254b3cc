import type { Grid } from './Grid';

/** The sum with a float64 number below 2^51 and its difference again round that to a whole number, ties to even. */
const ROUNDER = 1.5 * 2 ** 52;

/** The whole number nearest to y between two others, ties to even. */
export function nearestStep(y: number, lowest: number, highest: number): number {
  return Math.max(lowest, Math.min(highest, y)) + ROUNDER - ROUNDER;
}

/** Returns how many of `count` ascending thresholds from `base` on are at or below y. */
export function thresholdsPassed(y: number, thresholds: Float32Array, base: number, count: number): number {
  let found = 0;
  while (count > 0) {
    const half = (count + 1) >> 1;
    if (thresholds[base + found + half - 1]! <= y) found += half;
    count -= half;
  }
  return found;
}

/** The level of a group that is nearest to x. */
export function nearestLevel(grid: Grid, group: number, x: number): number {
  const scale = grid.scales[group]!;
  const y = Math.fround(x / scale);
  if (grid.kind === 'steps')
    return Math.fround(nearestStep(y, grid.lowest[group]!, grid.highest[group]!) * scale);
  const { levels, thresholds, count } = grid;
  const base = levels.length === count ? 0 : group * count;
  return Math.fround(levels[base + thresholdsPassed(y, thresholds, base, count - 1)]! * scale) + 0;
}

/** Puts a matrix's numbers on the levels nearest to `multiplied` of them. */
export function nearestLevels(
  grid: Grid,
  numbers: Float32Array,
  multiplied: (number: number, row: number) => number = (number) => number,
): Float32Array {
  const { cols, perRow, size } = grid.groups;
  return numbers.map((number, i) => {
    const row = Math.floor(i / cols);
    const group = perRow === 0 ? 0 : row * perRow + Math.floor((i % cols) / size);
    return nearestLevel(grid, group, multiplied(number, row));
  });
}
