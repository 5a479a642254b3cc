import { compareDb, gainDb, type Decibels } from '../../core/measure/Decibels';

/** Gains below this, dB, are within what chance gives. */
const MIN_GAIN_DB = 0.05;
/** Groups that a change that does not help as a whole is cut into, half by half. */
const MAX_DEPTH = 3;

/** The changes that were taken, and the error with them. */
export interface Adopted {
  readonly taken: ReadonlySet<string>;
  readonly db: Decibels;
}

/**
 * Takes those of many changes that help together: all, or where that does not help, the one half and then the other, and halves of these. Of what was
 * taken as a whole, quarters that it is better without are given back.
 * @param changes names in an order in which neighbours belong together
 * @param before error with what was `taken`
 * @param judge error with these changes
 */
export async function adoptByGroups(
  changes: readonly string[],
  start: Adopted,
  judge: (taken: ReadonlySet<string>) => Promise<Decibels>,
): Promise<Adopted> {
  let best = start;
  const attempt = async (taken: ReadonlySet<string>): Promise<boolean> => {
    const db = await judge(taken);
    const helps = compareDb(db, best.db) > 0 && gainDb(db, best.db) >= MIN_GAIN_DB;
    if (helps) best = { taken, db };
    return helps;
  };
  const adopt = async (group: readonly string[], depth: number): Promise<void> => {
    if (group.length === 0 || (await attempt(new Set([...best.taken, ...group])))) return;
    if (depth >= MAX_DEPTH || group.length === 1) return;
    for (const half of inParts(group, 2)) await adopt(half, depth + 1);
  };
  await adopt(changes, 0);
  if (changes.length > 1 && changes.every((name) => best.taken.has(name)))
    for (const part of inParts(changes, 4)) {
      const given = new Set(part);
      await attempt(new Set([...best.taken].filter((name) => !given.has(name))));
    }
  return best;
}

/** Neighbours in so many parts of like size, fewer if there are not as many. */
function inParts<T>(items: readonly T[], count: number): T[][] {
  const size = Math.ceil(items.length / count);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
