import { minifloatValue, type Minifloat } from '../shared/Minifloat';
import type { Quantizer, VectorQuantizer } from './Quantizer';
import { logTable } from './schemes/log';

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
      return scaledLevels(distinct(logTable(quantizer)), 2 ** quantizer.exponents[group]!);
    case 'binary': {
      const scale = quantizer.scales[group]!;
      return scale === 0 ? Float32Array.of(0) : Float32Array.of(-scale, scale);
    }
    case 'float':
      return scaledLevels(minifloatLevels(quantizer.format), quantizer.scales[group]!);
    case 'table': {
      const { entries, count, scales } = quantizer;
      const table = entries.length === count ? 0 : group * count;
      return scaledLevels(distinct(entries.subarray(table, table + count)), scales[group]!);
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
    case 'table':
    case 'vector': {
      const levels = levelsOf(quantizer, group);
      return [levels[0]!, levels.at(-1)!];
    }
  }
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

/** As `allLevels`, of some groups. */
export function thinned(groups: readonly number[], quantizer: Quantizer, most: number): Float32Array {
  const bounds = groups.map((group) => levelBounds(quantizer, group));
  const lowest = bounds.reduce((least, [lo]) => Math.min(least, lo), Infinity);
  const highest = bounds.reduce((greatest, [, hi]) => Math.max(greatest, hi), -Infinity);
  const perUnit = highest > lowest ? (most - 1) / (highest - lowest) : 0;
  const places = new Float32Array(most).fill(NaN);
  for (const group of groups)
    for (const level of levelsOf(quantizer, group)) places[Math.round((level - lowest) * perUnit)] = level;
  return places.filter((level) => !Number.isNaN(level));
}

function scaledLevels(levels: Iterable<number>, scale: number): Float32Array {
  return Float32Array.from(levels, (level) => level * scale);
}

/** Ascending, each once, with one zero. */
function distinct(numbers: Iterable<number>): Float32Array {
  return Float32Array.from(new Set(Array.from(numbers, (number) => number + 0))).sort();
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
