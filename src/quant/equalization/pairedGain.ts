import { gainDb, type Decibels } from '../../core/measure/Decibels';

/** A gain in dB over pairs of errors, and its standard error. */
export interface PairedGain {
  readonly mean: number;
  readonly error: number;
}

/** No sample counts more, so that one without noise, or a broken one, does not decide alone. */
const MAX_GAIN = 20;

/**
 * The mean gain of samples, each of which is compared with itself: what few samples differ in does not hide what a change does to each.
 * @param before errors by sample, of which those that are null in either list are left out
 */
export function pairedGain(
  before: readonly (Decibels | null)[],
  after: readonly (Decibels | null)[],
): PairedGain {
  const gains = before.flatMap((db, i) => {
    const other = after[i] ?? null;
    return db === null || other === null ? [] : [Math.max(-MAX_GAIN, Math.min(MAX_GAIN, gainDb(other, db)))];
  });
  const count = gains.length;
  if (count === 0) return { mean: 0, error: 0 };
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / count;
  const squares = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0);
  return { mean, error: count < 2 ? Infinity : Math.sqrt(squares / (count - 1) / count) };
}
