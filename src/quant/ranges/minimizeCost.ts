import { scaled, type Ranges } from './Ranges';

/** The cost of a choice of ranges for each group; less is better. */
export type Cost = (ranges: Ranges) => Float64Array;

/** Shares of the full range that are tried, in hundredths: first coarsely, then nearer and nearer around each group's best. */
const COARSE = [100, 92, 84, 76, 68, 60, 52, 44, 36, 28, 20, 12];
const FINER = [
  [-5, -3, 3, 5],
  [-1, 1],
];
/** An asymmetric range is then moved at one end alone. */
const ONE_END = [-9, -3, 5];
const MIN_SHARE = 2;

/** Hundredths of the full range, one for each group. */
interface Shares {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * Searches the share of the full range with the least cost, in each group by itself. Of 100 shares, a hundredth apart, the coarse-to-fine search tries
 * 18, and 6 more for the ends of an asymmetric range; as the full range is among them, the result is never worse than that.
 */
export function minimizeCost(full: Ranges, symmetric: boolean, cost: Cost): Ranges {
  const count = full.upper.length;
  const best: Shares = { lower: new Float64Array(count), upper: new Float64Array(count) };
  const least = new Float64Array(count).fill(Infinity);

  const attempt = (shares: Shares) => {
    const costs = cost(inHundredths(full, shares));
    for (let group = 0; group < count; group++) {
      if (!(costs[group]! < least[group]!)) continue;
      least[group] = costs[group]!;
      best.lower[group] = shares.lower[group]!;
      best.upper[group] = shares.upper[group]!;
    }
  };
  /** Tries steps from where each group's best was before them. */
  const attemptSteps = (steps: readonly number[], moveLower: boolean, moveUpper: boolean) => {
    const from = { lower: best.lower.slice(), upper: best.upper.slice() };
    for (const step of steps)
      attempt({
        lower: moveLower ? moved(from.lower, step) : from.lower,
        upper: moveUpper ? moved(from.upper, step) : from.upper,
      });
  };

  for (const share of COARSE) {
    const shares = new Float64Array(count).fill(share);
    attempt({ lower: shares, upper: shares });
  }
  for (const steps of FINER) attemptSteps(steps, true, true);
  if (!symmetric) {
    attemptSteps(ONE_END, true, false);
    attemptSteps(ONE_END, false, true);
  }
  return inHundredths(full, best);
}

function moved(shares: Float64Array, step: number): Float64Array {
  return shares.map((share) => Math.max(MIN_SHARE, Math.min(100, share + step)));
}

function inHundredths(full: Ranges, { lower, upper }: Shares): Ranges {
  const share = (hundredths: number) => hundredths / 100;
  return scaled(full, lower.map(share), upper.map(share));
}
