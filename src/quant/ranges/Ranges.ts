import { absMax, type GroupStats } from '../GroupStats';

/** The range that each group's levels cover, always with zero; of symmetric grids, the lower end is the negative of the upper. */
export interface Ranges {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** From the least to the greatest weight of each group. */
export function minMax(stats: GroupStats, symmetric: boolean): Ranges {
  if (symmetric) return mirrored(stats.min.map((_, group) => absMax(stats, group)));
  return {
    lower: stats.min.map((value) => Math.min(value, 0)),
    upper: stats.max.map((value) => Math.max(value, 0)),
  };
}

/** The symmetric ranges that reach to these magnitudes. */
export function mirrored(upper: Float64Array): Ranges {
  return { lower: upper.map((value) => -value), upper };
}

/** Ranges whose ends are shares of others', one for each group. */
export function scaled(ranges: Ranges, lowerShares: Float64Array, upperShares: Float64Array): Ranges {
  return {
    lower: ranges.lower.map((value, group) => value * lowerShares[group]!),
    upper: ranges.upper.map((value, group) => value * upperShares[group]!),
  };
}
