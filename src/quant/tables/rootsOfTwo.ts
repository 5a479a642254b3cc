import { mirroredLevels } from './mirroredLevels';

/** Zero and the powers of the square root of two from 1 downwards, with both signs, ascending: 2^bits - 1 levels (Miyashita et al. 2016, section 3.2). */
export function rootsOfTwo(bits: number): Float32Array {
  const count = 2 ** (bits - 1) - 1;
  return mirroredLevels(Array.from({ length: count }, (_, j) => 2 ** (-j / 2)));
}
