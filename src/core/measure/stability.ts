import type { SchemeId } from '../scheme/scheme';

/** Spearman's correlation of the layers' order by the first samples with that by all. */
export interface RankStability {
  readonly samples: number;
  readonly correlation: number;
}

export type Stability = Readonly<Record<SchemeId, readonly RankStability[]>>;

/** The mean over those schemes that have a correlation. */
export function meanStability(
  stability: Stability,
  schemes: readonly SchemeId[] = Object.keys(stability),
): RankStability[] {
  const ranks = schemes.flatMap((scheme) => (Object.hasOwn(stability, scheme) ? stability[scheme]! : []));
  const counts = [...new Set(ranks.map(({ samples }) => samples))].sort((a, b) => a - b);
  return counts.map((samples) => {
    const correlations = ranks.filter((each) => each.samples === samples);
    const sum = correlations.reduce((total, { correlation }) => total + correlation, 0);
    return { samples, correlation: sum / correlations.length };
  });
}

/** The last of them in a sentence, with a space before it; empty without any. */
export function stabilityText(stability: readonly RankStability[]): string {
  const half = stability.at(-1);
  return half
    ? ` Ranked by the first ${half.samples} samples alone, the order of the layers correlates with this one by ${half.correlation.toFixed(2)} (Spearman, mean over schemes).`
    : '';
}
