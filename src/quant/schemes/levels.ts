import { minifloatValue, type Minifloat } from '../../core/scheme/Minifloat';
import type { Quantizer, VectorQuantizer } from '../Quantizer';
import { logTable } from './log';

/**
 * The values that codes stand for in one group, ascending, each once.
 * @param group index into the quantizer's groups
 */
export function levelsOf(quantizer: Quantizer, group: number): Float32Array {
  switch (quantizer.kind) {
    case 'affine': {
      const { qmin, qmax, scales, zeroPoints } = quantizer;
      const zeroPoint = zeroPoints?.[group] ?? 0;
      const scale = scales[group]!;
      const levels = new Float32Array(qmax - qmin + 1);
      for (let i = 0; i < levels.length; i++) levels[i] = (qmin + i - zeroPoint) * scale;
      return levels;
    }
    case 'log':
      return scaledLevels(
        unscaled(quantizer, () => logTable(quantizer)),
        2 ** quantizer.exponents[group]!,
      );
    case 'binary': {
      const scale = quantizer.scales[group]!;
      return scale === 0 ? Float32Array.of(0) : Float32Array.of(-scale, scale);
    }
    case 'float':
      return scaledLevels(minifloatLevels(quantizer.format), quantizer.scales[group]!);
    case 'table': {
      const { entries, count, scales } = quantizer;
      if (entries.length === count)
        return scaledLevels(
          unscaled(quantizer, () => entries),
          scales[group]!,
        );
      return scaledLevels(distinct(entries.subarray(group * count, (group + 1) * count)), scales[group]!);
    }
    case 'vector':
      return vectorLevels(quantizer);
  }
}

/** Lowest and highest of `levelsOf`, without making the others. */
export function levelBounds(quantizer: Quantizer, group: number): readonly [lowest: number, highest: number] {
  switch (quantizer.kind) {
    case 'affine': {
      const zeroPoint = quantizer.zeroPoints?.[group] ?? 0;
      const value = (code: number) => Math.fround((code - zeroPoint) * quantizer.scales[group]!);
      return [value(quantizer.qmin), value(quantizer.qmax)];
    }
    case 'log': {
      const highest = 2 ** quantizer.exponents[group]!;
      return [-highest, highest];
    }
    case 'binary':
      return [-quantizer.scales[group]!, quantizer.scales[group]!];
    case 'float': {
      const highest = Math.fround(quantizer.format.max * quantizer.scales[group]!);
      return [-highest, highest];
    }
    case 'table': {
      const { entries, count, scales } = quantizer;
      if (entries.length !== count) return ends(levelsOf(quantizer, group));
      const [lowest, highest] = ends(unscaled(quantizer, () => entries));
      return [Math.fround(lowest * scales[group]!), Math.fround(highest * scales[group]!)];
    }
    case 'vector':
      return ends(levelsOf(quantizer, group));
  }
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

function ends(levels: Float32Array): readonly [lowest: number, highest: number] {
  return [levels[0]!, levels.at(-1)!];
}

/**
 * The levels of all groups together, ascending. Where there are more than `most`, those that would fall on the same of `most` places
 * between the ends are one, as no screen tells them apart.
 */
export function allLevels(quantizer: Quantizer, most: number): Float32Array {
  return thinned(
    Array.from({ length: quantizer.groups.count }, (_, group) => group),
    quantizer,
    most,
  );
}

/** How often each place is met before groups are left out. */
const LEVELS_PER_PLACE = 16;

/** As `allLevels`, of some groups. */
export function thinned(groups: readonly number[], quantizer: Quantizer, most: number): Float32Array {
  const [lowest, highest] = outerBounds(groups, quantizer);
  const perUnit = highest > lowest ? (most - 1) / (highest - lowest) : 0;
  const places = new Float32Array(most).fill(NaN);
  if (groups.length === 0) return new Float32Array(0);
  const perGroup = levelsOf(quantizer, groups[0]!).length;
  // Evenly chosen groups stand for so many that their levels cover every place over and over.
  const step = Math.ceil((groups.length * perGroup) / (most * LEVELS_PER_PLACE));
  for (let i = 0; i < groups.length; i += step) {
    const levels = levelsOf(quantizer, groups[i]!);
    for (let j = 0; j < levels.length; j++) places[Math.round((levels[j]! - lowest) * perUnit)] = levels[j]!;
  }
  places[0] = lowest;
  places[Math.round((highest - lowest) * perUnit)] = highest;
  return places.filter((level) => !Number.isNaN(level));
}

function scaledLevels(levels: Float32Array, scale: number): Float32Array {
  return levels.map((level) => level * scale);
}

/** Ascending, each once, with one zero. */
function distinct(numbers: Iterable<number>): Float32Array {
  return Float32Array.from(new Set(Array.from(numbers, (number) => number + 0))).sort();
}

/** Levels that groups have in common but for their scale, by the quantizer that they belong to. */
const UNSCALED = new WeakMap<Quantizer, Float32Array>();

function unscaled(quantizer: Quantizer, table: () => Iterable<number>): Float32Array {
  let levels = UNSCALED.get(quantizer);
  if (!levels) UNSCALED.set(quantizer, (levels = distinct(table())));
  return levels;
}

const FLOAT_LEVELS = new Map<Minifloat, Float32Array>();

function minifloatLevels(format: Minifloat): Float32Array {
  const known = FLOAT_LEVELS.get(format);
  if (known) return known;
  const all = Float32Array.from({ length: 2 ** format.bits }, (_, code) => minifloatValue(format, code));
  // The codes of infinities and NaN would be numbers beyond the greatest.
  const levels = distinct(all.filter((value) => Math.abs(value) <= format.max));
  FLOAT_LEVELS.set(format, levels);
  return levels;
}

/** What single weights can become: any component of any entry. */
function vectorLevels({ codebooks }: VectorQuantizer): Float32Array {
  return distinct(codebooks);
}
