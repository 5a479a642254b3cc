/** Sets that are asked about at most; items that were in none of them are left out. */
const MAX_ASKED = 32;

/**
 * Takes as many items as are allowed together: all; or where that is too much one half and then what can be of the other, and so on with their
 * halves.
 * @param items those that are likeliest to be allowed first
 * @param isAllowed of a set; the empty one is
 */
export async function largestSet<T>(
  items: readonly T[],
  isAllowed: (some: ReadonlySet<T>) => Promise<boolean>,
): Promise<ReadonlySet<T>> {
  let taken: ReadonlySet<T> = new Set();
  let asked = 0;
  const take = async (some: readonly T[]): Promise<void> => {
    if (some.length === 0 || asked >= MAX_ASKED) return;
    asked++;
    const more = new Set([...taken, ...some]);
    if (await isAllowed(more)) taken = more;
    else if (some.length > 1) {
      const middle = some.length >> 1;
      await take(some.slice(0, middle));
      await take(some.slice(middle));
    }
  };
  await take(items);
  return taken;
}
