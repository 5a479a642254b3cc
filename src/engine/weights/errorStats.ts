import type { Groups } from '../../quant/Groups';

export const ERROR_STATS = 3;

/** Statistics that a row of the block has. */
export function unitsPerRow({ perRow }: Groups): number {
  return Math.max(1, perRow);
}
