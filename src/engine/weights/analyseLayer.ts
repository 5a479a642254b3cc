import type { WeightMeasurement } from '../../core/measure/Measurement';
import type { WeightError } from '../../core/measure/errors';
import type { SchemeId } from '../../core/scheme/scheme';
import type { GroupStats } from '../../quant/GroupStats';
import { measureScheme } from './measureScheme';
import { openWeight } from './openWeight';
import type { Weight } from './Weight';
import type { WeightKernel } from './WeightKernel';
import type { Pause } from '../../base/pauses';

const SPARKLINE_BINS = 32;

/**
 * Weight error of one layer under some schemes.
 * @param pause called between passes; may throw to stop
 */
export async function analyseLayer(
  weightKernel: WeightKernel,
  name: string,
  weight: Weight,
  schemes: readonly SchemeId[],
  pause: Pause,
): Promise<WeightMeasurement> {
  const passes = openWeight(weightKernel, weight);
  const found = { level: 'weights', layer: name, inputs: 'none' } as const;
  if ('problem' in passes) return { ...found, sparkline: [], errors: {}, problem: passes.problem };
  const { lo, hi } = histogramRange(passes.stats('tensor'));
  const sparkline = [...passes.histogram(lo, hi, SPARKLINE_BINS)];
  const errors: Record<SchemeId, WeightError> = {};
  for (const scheme of schemes) {
    errors[scheme] = await measureScheme(weightKernel, passes, scheme, pause);
    await pause();
  }
  return { ...found, sparkline, errors, problem: null };
}

/** Ends of a histogram that holds all weights; of equal weights, something around them. */
export function histogramRange({ min, max }: Pick<GroupStats, 'min' | 'max'>): { lo: number; hi: number } {
  const lo = min.reduce((a, b) => Math.min(a, b), Infinity);
  const hi = max.reduce((a, b) => Math.max(a, b), -Infinity);
  if (lo < hi) return { lo, hi };
  const around = Math.max(Math.abs(lo), 1e-3);
  return Number.isFinite(lo) ? { lo: lo - around, hi: lo + around } : { lo: -1, hi: 1 };
}
