import { TensorProto_DataType as DataType } from 'onnx-buf';
import type { GraphFragment } from './GraphFragment';

const MANTISSA = 7;
const SIGN_AND_EXPONENT = 9;

/**
 * uint16 bits of bfloat16 -> float32 of the same shape, for opsets whose Cast does not know bfloat16. The upper nine bits give the
 * factor and the leading one, the lower seven are the mantissa: `factor * (leading + mantissa)`. Every step is exact: integers below
 * 2^16, and a power of two times an integer of eight bits.
 */
export function emitBfloat(fragment: GraphFragment, codes: string): string {
  const count = 2 ** SIGN_AND_EXPONENT;
  const exponentOf = (upper: number) => upper % (count / 2);
  const factors = Float32Array.from({ length: count }, (_, upper) => {
    const sign = upper < count / 2 ? 1 : -1;
    // Subnormal numbers have the least exponent and no leading one.
    return sign * 2 ** (Math.max(exponentOf(upper), 1) - 127 - MANTISSA);
  });
  const leading = Float32Array.from({ length: count }, (_, upper) =>
    exponentOf(upper) === 0 ? 0 : 2 ** MANTISSA,
  );
  const times = (value: string, power: number) =>
    fragment.node('Mul', [value, fragment.shared('power', [], Float32Array.of(2 ** power))]);

  const number = fragment.cast(codes, DataType.FLOAT);
  const upper = fragment.node('Floor', [times(number, -MANTISSA)]);
  const shifted = times(upper, MANTISSA);
  const mantissa = fragment.node('Sub', [number, shifted]);
  const index = fragment.cast(upper, DataType.INT32);
  const lead = fragment.node('Gather', [fragment.shared('bfloat_leading', [count], leading), index]);
  const significand = fragment.node('Add', [lead, mantissa]);
  const factor = fragment.node('Gather', [fragment.shared('bfloat_factors', [count], factors), index]);
  return fragment.node('Mul', [significand, factor]);
}
