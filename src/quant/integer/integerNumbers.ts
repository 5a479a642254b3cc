import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import type { EncodedScalars } from '../EncodedTensor';

/**
 * The integers that the codes of a tensor stand for before they are scaled: the code less its zero point, -255 to 255.
 * @param tensor 8-bit integers, with one zero point or one for each channel, or none
 * @returns in the order of the tensor
 */
export function integerNumbers(tensor: EncodedScalars, { channels, inner }: ChannelLayout): Int16Array {
  const { codes } = tensor;
  const { signed, zeroPoints } = integersOf(tensor);
  const bytes = new Uint8Array(codes.buffer, codes.byteOffset, codes.length);
  const values = signed ? Int16Array.from(bytes, asSigned) : Int16Array.from(bytes);
  if (zeroPoints === null) return values;
  const zeros = signed ? Int16Array.from(zeroPoints, asSigned) : zeroPoints;
  const perChannel = zeros.length > 1;
  for (let start = 0, run = 0; start < values.length; start += inner, run++) {
    const zero = zeros[perChannel ? run % channels : 0]!;
    for (let i = start; i < start + inner; i++) values[i]! -= zero;
  }
  return values;
}

/** How the codes of a tensor of integers are to be read. @throws Error if it is none */
export function integersOf({ numbers }: EncodedScalars) {
  if (numbers.kind !== 'integer') throw new Error('These are no integers.');
  return numbers;
}

function asSigned(byte: number): number {
  return (byte << 24) >> 24;
}
