import type { Groups } from '../../../quant/Groups';
import type { Block } from '../Block';

/** Rows of equal length that the kernel takes at once: the block's own, or its groups as rows. */
export interface Run {
  /** First weight, and first unit (row or group), in the block. */
  readonly start: number;
  readonly unit: number;
  readonly rows: number;
  readonly cols: number;
}

/** A block's rows or groups in runs of equal length, in order. */
export function* runs({ rows, cols }: Block, { perRow, size }: Groups): Generator<Run> {
  if (perRow <= 1) yield { start: 0, unit: 0, rows, cols };
  else if (cols % size === 0) yield { start: 0, unit: 0, rows: rows * perRow, cols: size };
  else {
    // The last group of each row is short.
    const whole = perRow - 1;
    for (let r = 0; r < rows; r++) {
      const [start, unit] = [r * cols, r * perRow];
      yield { start, unit, rows: whole, cols: size };
      yield { start: start + whole * size, unit: unit + whole, rows: 1, cols: cols - whole * size };
    }
  }
}
