import type { Granularity } from '../core/scheme/SchemeSpec';

/**
 * Which weights share a scale: the matrix of weights (rows are output channels) cut into groups. A block never crosses a row; the last of a row may
 * be short. Groups are counted row by row.
 */
export interface Groups {
  readonly rows: number;
  readonly cols: number;
  /** Weights in a group: rows * cols, cols, or a block's; at least 1. */
  readonly size: number;
  readonly perRow: number;
  readonly count: number;
}

export function groupsOf(rows: number, cols: number, granularity: Granularity): Groups {
  if (granularity === 'tensor') return { rows, cols, size: Math.max(1, rows * cols), perRow: 0, count: 1 };
  const size = Math.max(1, granularity === 'channel' ? cols : Math.min(granularity, cols));
  const perRow = Math.max(1, Math.ceil(cols / size));
  return { rows, cols, size, perRow, count: rows * perRow };
}
