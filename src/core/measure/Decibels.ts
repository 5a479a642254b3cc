/**
 * A signal to quantization noise ratio in dB, or in a word why it has no finite value. Plain values, which survive JSON and structured
 * clones as they are.
 * - `exact`: there is no noise, and that is proved: all codes or weights are those of the float model.
 * - `equal`: no difference was measured, which says nothing of other samples.
 * - `broken`: there is no ratio, as values are NaN or infinite, or all is noise.
 */
export type Decibels = number | 'exact' | 'equal' | 'broken';

/** @param noiseless what it means that there is no noise */
export function decibels(signal: number, noise: number, noiseless: 'exact' | 'equal'): Decibels {
  if (!Number.isFinite(signal) || !Number.isFinite(noise)) return 'broken';
  if (noise === 0) return noiseless;
  return signal === 0 ? 'broken' : 10 * Math.log10(signal / noise);
}

/** For order, colour and typed arrays: broken is minus infinity, and without noise is infinity. */
export function toNumber(db: Decibels): number {
  if (typeof db === 'number') return db;
  return db === 'broken' ? -Infinity : Infinity;
}

/** The inverse of `toNumber`, for figures that are exact if they are without noise. */
export function fromNumber(value: number): Decibels {
  if (Number.isFinite(value)) return value;
  return value === Infinity ? 'exact' : 'broken';
}

/** Negative if `a` is the worse. */
export function compareDb(a: Decibels, b: Decibels): number {
  const [x, y] = [toNumber(a), toNumber(b)];
  return x === y ? 0 : x < y ? -1 : 1;
}

/** Decibels gained over a base: infinite where one of both alone is without noise, or broken. */
export function gainDb(db: Decibels, base: Decibels): number {
  return compareDb(db, base) === 0 ? 0 : toNumber(db) - toNumber(base);
}
