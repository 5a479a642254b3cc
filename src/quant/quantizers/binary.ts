import type { BinaryQuantizer } from '../Quantizer';
import { encodedScales, FLOAT_BYTES, sharedTable, type QuantizerKind } from './QuantizerKind';

export const binary: QuantizerKind<BinaryQuantizer> = {
  levels: ({ scales }, group) => {
    const scale = scales[group]!;
    return scale === 0 ? Float32Array.of(0) : Float32Array.of(-scale, scale);
  },
  bounds: ({ scales }, group) => [-scales[group]!, scales[group]!],
  sideBytes: ({ groups, scales }) => (isUnit(scales) ? 0 : groups.count * FLOAT_BYTES),
  encode: (quantizer, codes) => {
    const { bits, scales } = quantizer;
    return {
      kind: 'scalars',
      bits,
      codes,
      numbers: sharedTable(Float32Array.of(-1, 1)),
      scales: isUnit(scales) ? null : encodedScales(quantizer, scales),
    };
  },
};

/** Whether the levels are -1 and 1 themselves, without a scale. */
function isUnit(scales: Float32Array): boolean {
  return scales.every((scale) => scale === 1);
}
