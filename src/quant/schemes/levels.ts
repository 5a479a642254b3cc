import type { Quantizer } from '../Quantizer';
import { kindOf } from '../quantizers';

/**
 * The values that codes stand for in one group, ascending, each once.
 * @param group index into the quantizer's groups
 */
export function levelsOf(quantizer: Quantizer, group: number): Float32Array {
  return kindOf(quantizer).levels(quantizer, group);
}

/** Lowest and highest of `levelsOf`, without making the others. */
export function levelBounds(quantizer: Quantizer, group: number): readonly [lowest: number, highest: number] {
  return kindOf(quantizer).bounds(quantizer, group);
}

/** Lowest and highest level of each group. */
export interface Bounds {
  readonly lowest: Float32Array;
  readonly highest: Float32Array;
}

/** Made once for a quantizer: there may be a group for every 16 weights, and several want to know. */
const BOUNDS = new WeakMap<Quantizer, Bounds>();

/** `levelBounds` of all groups. */
export function boundsOf(quantizer: Quantizer): Bounds {
  let bounds = BOUNDS.get(quantizer);
  if (bounds) return bounds;
  const { count } = quantizer.groups;
  bounds = { lowest: new Float32Array(count), highest: new Float32Array(count) };
  for (let group = 0; group < count; group++)
    [bounds.lowest[group], bounds.highest[group]] = levelBounds(quantizer, group);
  BOUNDS.set(quantizer, bounds);
  return bounds;
}

/** The lowest and highest level of some groups together. */
export function outerBounds(
  groups: readonly number[],
  quantizer: Quantizer,
): readonly [lowest: number, highest: number] {
  const { lowest, highest } = boundsOf(quantizer);
  let [least, greatest] = [Infinity, -Infinity];
  for (const group of groups) {
    least = Math.min(least, lowest[group]!);
    greatest = Math.max(greatest, highest[group]!);
  }
  return [least, greatest];
}

/**
 * The levels of all groups together, ascending. Where there are more than `most`, those that would fall on the same of `most` slots
 * between the ends are one, as no screen tells them apart.
 */
export function allLevels(quantizer: Quantizer, most: number): Float32Array {
  return thinned(
    Array.from({ length: quantizer.groups.count }, (_, group) => group),
    quantizer,
    most,
  );
}

/** How often each slot is met before groups are left out. */
const LEVELS_PER_SLOT = 16;

/** As `allLevels`, of some groups. */
export function thinned(groups: readonly number[], quantizer: Quantizer, most: number): Float32Array {
  const [lowest, highest] = outerBounds(groups, quantizer);
  const perUnit = highest > lowest ? (most - 1) / (highest - lowest) : 0;
  const slots = new Float32Array(most).fill(NaN);
  if (groups.length === 0) return new Float32Array(0);
  const perGroup = levelsOf(quantizer, groups[0]!).length;
  // Evenly chosen groups stand for so many that their levels cover every slot over and over.
  const step = Math.ceil((groups.length * perGroup) / (most * LEVELS_PER_SLOT));
  for (let i = 0; i < groups.length; i += step) {
    const levels = levelsOf(quantizer, groups[i]!);
    for (let j = 0; j < levels.length; j++) slots[Math.round((levels[j]! - lowest) * perUnit)] = levels[j]!;
  }
  slots[0] = lowest;
  slots[Math.round((highest - lowest) * perUnit)] = highest;
  return slots.filter((level) => !Number.isNaN(level));
}
