import { compareDb, decibels, toNumber, type Decibels } from '../../core/measure/Decibels';
import type { ModelOutputError } from '../../core/measure/errors';
import type { OutputNoise } from './OutputReference';

/** The differences of all outputs on one sample. */
export interface SampleNoise {
  /** By output, in the model's order; null if it is not compared, see `noiseOf`. */
  readonly outputs: readonly (OutputNoise | null)[];
  /** Whether the sample's label was found; null without one. */
  readonly correct: boolean | null;
}

const RESAMPLES = 200;

/**
 * Sums samples up. The confidence interval is the percentile interval of the bootstrap (Efron and Tibshirani 1993, section 13.3): samples drawn
 * with replacement, as often as there are samples.
 * @param random uniform in [0, 1), seeded
 */
export function modelOutputError(samples: readonly SampleNoise[], random: () => number): ModelOutputError {
  const worst = worstOutput(samples);
  const pairs = samples.flatMap(({ outputs }) => outputs);
  const all = pairs.filter((output) => output !== null);
  const rows = sum(all, ({ rows }) => rows);
  const likely = all.filter(({ divergence }) => divergence !== null);
  const labelled = samples.filter(({ correct }) => correct !== null);
  return {
    // Of no output there is nothing to say, least of all that it is equal.
    sqnrDb: worst?.sqnrDb ?? 'broken',
    interval: worst && interval(worst.differences, random),
    klDivergence:
      likely.length > 0 ? sum(likely, (each) => each.divergence!) / sum(likely, (each) => each.rows) : null,
    top1Agreement: rows > 0 ? sum(all, ({ agreeing }) => agreeing) / rows : null,
    accuracy: labelled.length > 0 ? labelled.filter(({ correct }) => correct).length / labelled.length : null,
    samples: samples.length,
    ...(all.length < pairs.length && { notCompared: pairs.length - all.length }),
  };
}

/** The output with the lowest SQNR over the samples that it is compared on; null if none is. */
export function worstOutput(
  samples: readonly SampleNoise[],
): { readonly differences: readonly OutputNoise[]; readonly sqnrDb: Decibels } | null {
  let worst: ReturnType<typeof worstOutput> = null;
  for (const i of samples[0]?.outputs.keys() ?? []) {
    const differences = samples.map(({ outputs }) => outputs[i]!).filter((output) => output !== null);
    if (differences.length === 0) continue;
    const db = ratio(differences);
    if (!worst || compareDb(db, worst.sqnrDb) < 0) worst = { differences, sqnrDb: db };
  }
  return worst;
}

/** SQNR of many samples together. */
function ratio(differences: readonly OutputNoise[]): Decibels {
  const noise = sum(differences, ({ noise }) => noise);
  const signal = sum(differences, ({ signal }) => signal);
  return decibels(signal, noise, 'equal');
}

function interval(differences: readonly OutputNoise[], random: () => number): [number, number] | null {
  const { length } = differences;
  if (length < 2) return null;
  const drawn = Array.from({ length: RESAMPLES }, () =>
    toNumber(ratio(Array.from({ length }, () => differences[Math.floor(random() * length)]!))),
  ).sort((a, b) => a - b);
  const at = (share: number) => drawn[Math.round(share * (RESAMPLES - 1))]!;
  const ends: [number, number] = [at(0.025), at(0.975)];
  return ends.every((end) => Number.isFinite(end)) ? ends : null;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
