/** Where the keyboard is in the grid; row -1 is the header. */
export interface Cursor {
  readonly row: number;
  readonly column: string;
}

export const HEADER_ROW = -1;

/**
 * Where a key moves the cursor in a grid (WAI-ARIA Authoring Practices, "Grid").
 * @returns null if the key is not for moving
 */
export function move(
  { key, ctrlKey, metaKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>,
  { row, column }: Cursor,
  columns: readonly string[],
  rows: number,
  page: number,
): Cursor | null {
  const at = Math.max(0, columns.indexOf(column));
  const whole = ctrlKey || metaKey;
  const last = rows - 1;
  // Only the arrow leads into the header: paging up stops at the first layer.
  const first = key === 'ArrowUp' || row === HEADER_ROW ? HEADER_ROW : Math.min(0, last);
  const targets: Record<string, readonly [number, number]> = {
    ArrowUp: [row - 1, at],
    ArrowDown: [row + 1, at],
    ArrowLeft: [row, at - 1],
    ArrowRight: [row, at + 1],
    PageUp: [row - page, at],
    PageDown: [row + page, at],
    Home: [whole ? 0 : row, 0],
    End: [whole ? last : row, columns.length - 1],
  };
  if (!Object.hasOwn(targets, key)) return null;
  const [toRow, toColumn] = targets[key]!;
  return {
    row: Math.min(last, Math.max(first, toRow)),
    column: columns[Math.min(columns.length - 1, Math.max(0, toColumn))]!,
  };
}
