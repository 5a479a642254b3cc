import type { LogQuantizer } from '../Quantizer';
import {
  encodedScales,
  FLOAT_BYTES,
  scaledLevels,
  sharedTable,
  unscaled,
  type QuantizerKind,
} from './QuantizerKind';

export const log: QuantizerKind<LogQuantizer> = {
  levels: (quantizer, group) =>
    scaledLevels(
      unscaled(quantizer, () => logTable(quantizer)),
      2 ** quantizer.exponents[group]!,
    ),
  bounds: ({ exponents }, group) => {
    const highest = 2 ** exponents[group]!;
    return [-highest, highest];
  },
  sideBytes: ({ groups }) => groups.count * FLOAT_BYTES,
  encode: (quantizer, codes) => {
    const powers = Float32Array.from(quantizer.exponents, (exponent) => 2 ** exponent);
    return {
      kind: 'scalars',
      bits: quantizer.bits,
      codes,
      numbers: sharedTable(logTable(quantizer)),
      scales: encodedScales(quantizer, powers),
    };
  },
};

/** The code table: entry c is what code c stands for, times the group's largest level. */
function logTable({ bits, count }: LogQuantizer): Float32Array {
  const table = new Float32Array(2 ** bits);
  const negative = 2 ** (bits - 1);
  for (let code = 1; code <= count; code++) {
    table[code] = 2 ** (code - count);
    table[negative + code] = -(2 ** (code - count));
  }
  return table;
}
