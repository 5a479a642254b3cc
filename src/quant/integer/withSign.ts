import type { EncodedScalars } from '../EncodedTensor';
import { integersOf } from './integerNumbers';

/** What int8 and uint8 codes of the same number differ by: 128, which is the highest bit. */
const HALF = 0x80;

/**
 * The same 8-bit numbers in signed or unsigned codes: those of the other kind are 128 more or less, and so are their zero points.
 * @returns the same tensor if it has such codes
 */
export function withSign(tensor: EncodedScalars, signed: boolean): EncodedScalars {
  const { signed: before, zeroPoints } = integersOf(tensor);
  if (signed === before) return tensor;
  const flipped = (codes: ArrayLike<number>) => Uint8Array.from(codes, (code) => code ^ HALF);
  const shifted = flipped(zeroPoints ?? new Uint8Array(tensor.scales?.values.length ?? 1));
  return {
    ...tensor,
    codes: flipped(tensor.codes),
    numbers: {
      kind: 'integer',
      signed,
      zeroPoints: signed && shifted.every((zero) => zero === 0) ? null : shifted,
    },
  };
}
