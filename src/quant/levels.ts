import { groupCount, type Quantizer } from './Quantizer';
import { logTable } from './schemes/log';

/**
 * The values that codes stand for in one row (or group), ascending, each once.
 * @param group index into the quantizer's scales; 0 if there is one for the tensor
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
    case 'log': {
      const scale = 2 ** quantizer.exponents[group]!;
      const distinct = new Set(logTable(quantizer.count));
      return Float32Array.from(distinct, (entry) => entry * scale).sort();
    }
    case 'binary': {
      const scale = quantizer.scales[group]!;
      return scale === 0 ? Float32Array.of(0) : Float32Array.of(-scale, scale);
    }
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
  }
}

/**
 * The levels of all groups together, ascending. Where there are more than `most`, those that would fall on the same of `most` places
 * between the ends are one, as no screen tells them apart.
 */
export function allLevels(quantizer: Quantizer, most: number): Float32Array {
  const bounds = Array.from({ length: groupCount(quantizer) }, (_, group) => levelBounds(quantizer, group));
  const lowest = bounds.reduce((least, [lo]) => Math.min(least, lo), Infinity);
  const highest = bounds.reduce((greatest, [, hi]) => Math.max(greatest, hi), -Infinity);
  const perUnit = highest > lowest ? (most - 1) / (highest - lowest) : 0;
  const places = new Float32Array(most).fill(NaN);
  for (let group = 0; group < bounds.length; group++)
    for (const level of levelsOf(quantizer, group)) places[Math.round((level - lowest) * perUnit)] = level;
  return places.filter((level) => !Number.isNaN(level));
}
