import { Random } from '../../../src/engine/data/random';

/** Weights that have tripped quantizers before. */
export const AWKWARD = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  -1.5,
  2.5,
  -2.5,
  0.75,
  0.7499999,
  1e-45,
  -1e-45,
  2 ** -126,
  2 ** -127,
  1e-39,
  126.5,
  127.5,
  -127.5,
  128,
  1e9,
  -1e9,
  3.4028234663852886e38,
  -3.4028234663852886e38,
];
export const NOT_NUMBERS = [NaN, Infinity, -Infinity];

/** Every length up to some groups of 16, and around the flush after 1,024. */
export const LENGTHS = [...Array(68).keys(), 1023, 1024, 1025, 2049];

/** Normal numbers of a given deviation, and with them a few awkward ones. */
export function weights(
  count: number,
  deviation: number,
  seed: number,
  awkward: readonly number[] = [],
): Float32Array {
  const random = new Random(seed);
  const values = Float32Array.from({ length: count }, () => random.normal() * deviation);
  if (count > 0) awkward.forEach((value) => (values[Math.floor(random.uniform() * count)] = value));
  return values;
}
