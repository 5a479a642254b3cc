import type { AffineQuantizer } from '../Quantizer';
import { encodedScales, FLOAT_BYTES, type QuantizerKind } from './QuantizerKind';

export const affine: QuantizerKind<AffineQuantizer> = {
  levels: ({ qmin, qmax, scales, zeroPoints }, group) => {
    const zeroPoint = zeroPoints?.[group] ?? 0;
    const scale = scales[group]!;
    const levels = new Float32Array(qmax - qmin + 1);
    for (let i = 0; i < levels.length; i++) levels[i] = (qmin + i - zeroPoint) * scale + 0;
    return scale < 0 ? levels.reverse() : levels;
  },
  bounds: ({ qmin, qmax, scales, zeroPoints }, group) => {
    const zeroPoint = zeroPoints?.[group] ?? 0;
    const scale = scales[group]!;
    const [first, last] = [qmin, qmax].map((code) => Math.fround((code - zeroPoint) * scale)) as [
      number,
      number,
    ];
    return scale < 0 ? [last, first] : [first, last];
  },
  sideBytes: ({ groups: { count }, zeroPoints, bits }) =>
    count * FLOAT_BYTES + (zeroPoints ? Math.ceil((count * bits) / 8) : 0),
  encode: (quantizer, codes) => {
    const { bits, qmin, zeroPoints, scales } = quantizer;
    const Codes = bits > 8 ? Uint16Array : Uint8Array;
    const numbers = {
      kind: 'integer',
      signed: qmin < 0,
      zeroPoints: zeroPoints && Codes.from(zeroPoints),
    } as const;
    return { kind: 'scalars', bits, codes, numbers, scales: encodedScales(quantizer, scales) };
  },
};
