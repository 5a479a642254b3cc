/**
 * Sums of two products in 16 bits. CPUs with AVX2 but without VNNI multiply uint8 activations by int8 weights with an instruction that
 * adds neighbouring products at once and saturates (VPMADDUBSW: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2);
 * all further sums have 32 bits. Products are neighbours whose places in the order of `productOffsets` are even and the next one.
 */
import type { EncodedScalars } from '../EncodedTensor';
import { integerNumbers } from './integerNumbers';
import { productInputs, productOffsets, type ProductOrder } from './productOrder';

/** Of an activation: nothing that is observed is needed to know it, as quantization saturates there. */
export const GREATEST_CODE = 255;
/** Sums of products of one sign may have this magnitude, whichever it is. */
export const MAX_SUM = 2 ** 15 - 1;

/**
 * Whether two products may overflow: those of one sign are largest together, at the greatest activations.
 * @param codes of the weights, -128 to 127
 * @param greatest codes that the activations may have
 */
export function overflows(code: number, neighbour: number, greatest: number, other: number): boolean {
  const above = Math.max(0, code) * greatest + Math.max(0, neighbour) * other;
  const below = Math.max(0, -code) * greatest + Math.max(0, -neighbour) * other;
  return above > MAX_SUM || below > MAX_SUM;
}

/** The greatest codes of the activations that a channel's products are with, in their order. @param greatest by input channel */
export function greatestOf(order: ProductOrder, channel: number, greatest: Uint8Array): Uint8Array {
  return Uint8Array.from(productInputs(order, channel), (input) => greatest[input]!);
}

/**
 * The number of neighbouring pairs of weights that may overflow.
 * @param tensor signed 8-bit codes around zero
 * @param greatest code of each input channel
 */
export function overflowingPairs(tensor: EncodedScalars, order: ProductOrder, greatest: Uint8Array): number {
  const { channels, inner } = order.layout;
  const codes = integerNumbers(tensor, order.layout);
  const offsets = productOffsets(order);
  let count = 0;
  for (let channel = 0; channel < channels; channel++) {
    const most = greatestOf(order, channel, greatest);
    const start = channel * inner;
    for (let i = 0; i + 1 < offsets.length; i += 2)
      if (overflows(codes[start + offsets[i]!]!, codes[start + offsets[i + 1]!]!, most[i]!, most[i + 1]!))
        count++;
  }
  return count;
}

/** Input channels of a weight. */
export function inputCount({ layout: { outer, inner }, positions, groups }: ProductOrder): number {
  return (groups * outer * inner) / positions;
}
