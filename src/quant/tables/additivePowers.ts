import { mirroredLevels } from './mirroredLevels';

/** Bits of a term: its values are zero and three powers of two. */
const TERM_BITS = 2;

/**
 * The levels of APoT (Li, Dong, Wang 2020, section 2.2, equation 5) for so many bits with sign: sums of one power of two, or zero, from each term. Term i of n takes
 * zero or 2^-(i + jn), j = 0, 1, 2; where an odd bit is left over, one more term of one bit takes zero or the next power. Scaled to a largest level of 1.
 */
export function additivePowers(bits: number): Float32Array {
  const magnitudeBits = bits - 1;
  const terms = Math.floor(magnitudeBits / TERM_BITS);
  const odd = magnitudeBits % TERM_BITS === 1;
  const step = terms + (odd ? 1 : 0);
  let sums = [0];
  for (let term = 0; term < step; term++) {
    const powers = term < terms ? 2 ** TERM_BITS - 1 : 1;
    const values = [0, ...Array.from({ length: powers }, (_, j) => 2 ** -(term + j * step))];
    sums = sums.flatMap((sum) => values.map((value) => sum + value));
  }
  const largest = Math.max(...sums);
  return mirroredLevels(sums.map((sum) => sum / largest));
}
