import type { Row } from './quantizeRows';

/** 2^32 divided by the golden ratio: keeps seed 0 from being the key 0. */
const GOLDEN = 0x9e3779b9;

/** The part of the random number that all weights with the same seed share. */
export function keyOf(seed: number): number {
  return scramble(seed ^ GOLDEN);
}

/**
 * The sign by chance, see `Kernel.stochasticRows`.
 * @param index the number of the row's first element
 */
export function stochasticRow(
  { weights, values, codes, first, cols }: Row,
  scale: number,
  key: number,
  index: number,
): void {
  for (let i = 0; i < cols; i++) {
    const chance = (scramble((index + i) ^ key) >>> 8) * 2 ** -24;
    const probability = Math.fround(Math.fround(weights[first + i]! / scale) + 1) * 0.5;
    const positive = chance < probability;
    values[first + i] = positive ? scale : -scale;
    if (codes) codes[first + i] = positive ? 1 : 0;
  }
}

/** A one-to-one map of the 32-bit numbers in which every bit depends on all: C. Wellons' "lowbias32". */
function scramble(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
