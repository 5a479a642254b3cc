import { minifloatValue, type Minifloat } from '../../core/scheme/Minifloat';
import type { EncodedScales } from '../EncodedTensor';
import type { FloatQuantizer } from '../Quantizer';
import { distinct, encodedScales, FLOAT_BYTES, scaledLevels, type QuantizerKind } from './QuantizerKind';

export const float: QuantizerKind<FloatQuantizer> = {
  levels: ({ format, scales }, group) => scaledLevels(minifloatLevels(format), scales[group]!),
  bounds: ({ format, scales }, group) => {
    const highest = Math.fround(format.max * scales[group]!);
    return [-highest, highest];
  },
  sideBytes: ({ groups: { count }, scaleType }) =>
    ({ float32: count * FLOAT_BYTES, exponent: count, none: 0 })[scaleType],
  encode: (quantizer, codes) => ({
    kind: 'scalars',
    bits: quantizer.bits,
    codes,
    numbers: { kind: 'float', format: quantizer.format.name },
    scales: storedScales(quantizer),
  }),
};

function storedScales(quantizer: FloatQuantizer): EncodedScales | null {
  switch (quantizer.scaleType) {
    case 'float32':
      return encodedScales(quantizer, quantizer.scales);
    case 'exponent':
      return encodedScales(
        quantizer,
        Uint8Array.from(quantizer.scales, (scale) => Math.log2(scale) + 127),
      );
    case 'none':
      return null;
  }
}

const LEVELS = new Map<Minifloat, Float32Array>();

function minifloatLevels(format: Minifloat): Float32Array {
  const cached = LEVELS.get(format);
  if (cached) return cached;
  const all = Float32Array.from({ length: 2 ** format.bits }, (_, code) => minifloatValue(format, code));
  // The codes of infinities and NaN would be numbers beyond the greatest.
  const levels = distinct(all.filter((value) => Math.abs(value) <= format.max));
  LEVELS.set(format, levels);
  return levels;
}
