import { quantizeRow } from './quantizeRow';

/** Values that are there already. The level of a weight is its value. */
export class Given {}

export function errorRows(src: usize, values: usize, rows: i32, cols: i32, stats: usize): void {
  const none = i32x4.splat(0);
  for (let r = 0; r < rows; r++, values += (<usize>cols) << 2) {
    quantizeRow<Given>(r, src, cols, 0, 1, 0, stats, none, none, none, none, none, 0, values);
  }
}
