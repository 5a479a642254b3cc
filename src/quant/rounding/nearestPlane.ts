import { nearestStep, thresholdsPassed } from './nearestNumber';
import type { Panel, PanelLevels } from './Panel';

/**
 * Rounds a panel's rows from the last position to the first: each weight, with its share of the errors made before, to the nearest level. Babai's nearest plane, which is GPTQ
 * back to front (arXiv 2507.18553; Frantar et al. 2023, algorithm 1). Sums are float32, over positions from the last on. Flat arrays and plain loops, which can become a kernel's.
 */
export function nearestPlane({ block, rows, targets, values, errors, levels }: Panel): void {
  const { count, shares } = block;
  const round = levels.numbers.kind === 'steps' ? toSteps : toTable;
  const weights = new Float32Array(rows);
  for (let j = count - 1; j >= 0; j--) {
    const at = j * rows;
    for (let r = 0; r < rows; r++) weights[r] = targets[at + r]!;
    for (let k = count - 1; k > j; k--) {
      const share = shares[j * count + k]!;
      const from = k * rows;
      for (let r = 0; r < rows; r++)
        targets[at + r] = targets[at + r]! + Math.fround(share * errors[from + r]!);
    }
    round(levels, j, rows, targets, values);
    for (let r = 0; r < rows; r++) errors[at + r] = weights[r]! - values[at + r]!;
  }
}

function toSteps(
  { units, scales, numbers }: PanelLevels,
  position: number,
  rows: number,
  targets: Float32Array,
  values: Float32Array,
): void {
  if (numbers.kind !== 'steps') return;
  const { lowest, highest } = numbers;
  const unit = units[position]! * rows;
  for (let r = 0; r < rows; r++) {
    const scale = scales[unit + r]!;
    const y = Math.fround(targets[position * rows + r]! / scale);
    values[position * rows + r] = nearestStep(y, lowest[unit + r]!, highest[unit + r]!) * scale;
  }
}

function toTable(
  { units, scales, numbers }: PanelLevels,
  position: number,
  rows: number,
  targets: Float32Array,
  values: Float32Array,
): void {
  if (numbers.kind !== 'table') return;
  const { levels, thresholds, count } = numbers;
  const shared = levels.length === count;
  const unit = units[position]! * rows;
  for (let r = 0; r < rows; r++) {
    const scale = scales[unit + r]!;
    const y = Math.fround(targets[position * rows + r]! / scale);
    const table = shared ? 0 : (unit + r) * count;
    const level = levels[table + thresholdsPassed(y, thresholds, table, count - 1)]!;
    values[position * rows + r] = Math.fround(level * scale) + 0;
  }
}
