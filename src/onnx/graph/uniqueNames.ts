/** A name, and where it was given. */
export interface Named {
  readonly name: string;
  /** Empty for the main graph. */
  readonly scope: string;
}

/**
 * Gives each item a name of its own: its name; where two are alike, with the scope in front; where that is not enough, with a number.
 * The same list always gets the same names.
 */
export function uniqueNames(items: readonly Named[]): string[] {
  const uses = new Map<string, number>();
  for (const { name } of items) uses.set(name, (uses.get(name) ?? 0) + 1);
  const unique = nameGenerator([], '#');
  return items.map(({ name, scope }) =>
    unique(uses.get(name)! > 1 && scope !== '' ? `${scope}/${name}` : name),
  );
}

/** A function that makes names which are neither `taken` nor made before, out of hints, by appending a number to those that are. */
export function nameGenerator(taken: Iterable<string>, separator: string): (hint: string) => string {
  const used = new Set(taken);
  /** The number to try next, so that a thousand equal hints take a thousand tries. */
  const next = new Map<string, number>();
  return (hint) => {
    let name = hint;
    let number = next.get(hint) ?? 2;
    while (used.has(name)) name = `${hint}${separator}${number++}`;
    next.set(hint, number);
    used.add(name);
    return name;
  };
}
