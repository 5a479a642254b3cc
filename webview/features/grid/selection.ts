/** How a click or key changes which rows are selected. */
export type SelectMode = 'only' | 'toggle' | 'range';

/**
 * The new selection, in no particular order.
 * @param names all rows as they are shown
 * @param anchor the row that a range starts from
 */
export function select(
  names: readonly string[],
  selected: readonly string[],
  anchor: string | null,
  target: string,
  mode: SelectMode,
): readonly string[] {
  if (mode === 'toggle')
    return selected.includes(target) ? selected.filter((name) => name !== target) : [...selected, target];
  const from = mode === 'range' && anchor !== null ? names.indexOf(anchor) : -1;
  const to = names.indexOf(target);
  if (from < 0 || to < 0) return [target];
  return names.slice(Math.min(from, to), Math.max(from, to) + 1);
}

/** The rows that a choice made on `target` applies to: all selected rows if it is one of them, else itself. */
export function affected(selected: readonly string[], target: string): readonly string[] {
  return selected.includes(target) ? selected : [target];
}
