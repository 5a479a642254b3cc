export interface Cursor {
  readonly row: number;
  readonly column: string;
}

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
  if (!Object.hasOwn(targets, key) || rows === 0) return null;
  const [toRow, toColumn] = targets[key]!;
  return {
    row: Math.min(last, Math.max(0, toRow)),
    column: columns[Math.min(columns.length - 1, Math.max(0, toColumn))]!,
  };
}
