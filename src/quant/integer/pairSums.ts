/**
 * Sums of two products in 16 bits. CPUs with AVX2 but without VNNI multiply uint8 activations by int8 weights with an instruction that
 * adds neighbouring products at once and saturates (VPMADDUBSW: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2);
 * all further sums have 32 bits. Products are neighbours whose places in the order of `productOffsets` are even and the next one.
 */
import { integerNumbers } from './integerNumbers';
import { productOffsets, type ProductOrder } from './productOrder';
import type { EncodedScalars } from '../EncodedTensor';

/** Greatest code of an activation: nothing that is observed is needed to know it, as quantization saturates there. */
const MAX_ACTIVATION = 255;

/**
 * Two neighbouring weights of the same sign whose codes add up to this at most overflow with no activations: both products are largest at the
 * greatest activation. Those of different signs never do.
 */
export const MAX_PAIR = Math.floor((2 ** 15 - 1) / MAX_ACTIVATION);

/** Whether a pair of codes, -128 to 127, overflows for some activations. */
export function overflows(code: number, neighbour: number): boolean {
  const sum = code + neighbour;
  return sum > MAX_PAIR || sum < -MAX_PAIR;
}

/**
 * The number of neighbouring pairs of weights that overflow for some activations.
 * @param tensor signed 8-bit codes around zero
 */
export function overflowingPairs(tensor: EncodedScalars, order: ProductOrder): number {
  const { channels, inner } = order.layout;
  const codes = integerNumbers(tensor, order.layout);
  const offsets = productOffsets(order);
  let count = 0;
  for (let start = 0; start < channels * inner; start += inner)
    for (let i = 0; i + 1 < offsets.length; i += 2)
      if (overflows(codes[start + offsets[i]!]!, codes[start + offsets[i + 1]!]!)) count++;
  return count;
}
