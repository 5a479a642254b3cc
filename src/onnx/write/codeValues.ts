/** The number that each code stands for, before it is scaled. */
import type { CodeNumbers } from '../../quant/EncodedTensor';
import { MINIFLOATS, minifloatValue } from '../../core/scheme/Minifloat';

/** All numbers of codes that have one table for the whole tensor. */
export function codeValues(numbers: CodeNumbers, bits: number): Float32Array {
  switch (numbers.kind) {
    case 'integer':
      return pieceValues(bits, numbers.signed);
    case 'float': {
      const format = MINIFLOATS[numbers.format];
      return Float32Array.from({ length: 2 ** bits }, (_, code) => minifloatValue(format, code));
    }
    case 'table':
      return numbers.entries;
  }
}

/**
 * The numbers of a piece of an integer, times 2^shift, so that the pieces of a code add up to it. The topmost piece of a signed one
 * is negative in its upper half: two's complement.
 */
export function pieceValues(bits: number, signed: boolean, shift = 0): Float32Array {
  const count = 2 ** bits;
  return Float32Array.from({ length: count }, (_, piece) => {
    const number = signed && piece >= count / 2 ? piece - count : piece;
    return number * 2 ** shift;
  });
}

/** The number that an E8M0 byte stands for (OCP Microscaling 1.0, section 5.4.1): a power of two, or NaN. */
export function exponentValues(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => (byte === 255 ? NaN : 2 ** (byte - 127)));
}
