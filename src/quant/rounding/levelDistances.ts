import { kindOf } from '../quantizers';
import type { Quantizer } from '../Quantizer';

/** Distances beyond this are counted as one. */
const MAX_DISTANCE = 4;

/**
 * Counts the weights whose chosen value is not the nearest one, by how many levels of the chosen grid lie between.
 * @param quantizer of the chosen values
 * @param nearest values row after row, of this grid or, where scales were chosen as well, of another
 * @param chosen values row after row, each a level of its group
 * @returns counts by distance, of which the first is of weights that have the same level with another scale; null of vectors, whose entries have
 * no order
 */
export function levelDistances(
  quantizer: Quantizer,
  nearest: Float32Array,
  chosen: Float32Array,
): number[] | null {
  if (quantizer.kind === 'vector') return null;
  const { rows, cols, perRow, size } = quantizer.groups;
  const counts = new Array<number>(MAX_DISTANCE + 1).fill(0);
  const width = perRow === 0 ? rows * cols : size;
  for (let start = 0, group = 0; start < rows * cols; group++) {
    // The last block of a row may be short.
    const end = perRow === 0 ? rows * cols : Math.min(start + width, (Math.floor(start / cols) + 1) * cols);
    const levels = kindOf(quantizer).levels(quantizer, group);
    for (let i = start; i < end; i++) {
      if (nearest[i] === chosen[i]) continue;
      const distance = Math.abs(levelOf(levels, nearest[i]!) - levelOf(levels, chosen[i]!));
      counts[Math.min(MAX_DISTANCE, distance)]!++;
    }
    start = end;
  }
  return counts;
}

/** Index of the level nearest to a value. @param levels ascending */
function levelOf(levels: Float32Array, value: number): number {
  let [low, high] = [0, levels.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (levels[middle]! <= value) low = middle;
    else high = middle;
  }
  return Math.abs(levels[high]! - value) < Math.abs(value - levels[low]!) ? high : low;
}
