/** Low-bit floating-point numbers, with a scale per group, without one, or with a shared power of two. */
import type { Groups } from '../Groups';
import { MINIFLOATS, type Minifloat } from '../../core/scheme/Minifloat';
import type { FloatQuantizer } from '../Quantizer';
import type { Ranges } from '../ranges/Ranges';
import { usableScale } from '../scales';

/** The end of the range becomes the format's greatest number. */
export function scaledFloat(name: Minifloat['name'], groups: Groups, { upper }: Ranges): FloatQuantizer {
  const format = MINIFLOATS[name];
  const scales = Float32Array.from(upper, (magnitude) => usableScale(magnitude / format.max, format.max));
  return { kind: 'float', groups, bits: format.bits, format, scales, scaleType: 'float32' };
}

/** The format as it is. */
export function plainFloat(name: Minifloat['name'], groups: Groups): FloatQuantizer {
  const format = MINIFLOATS[name];
  return {
    kind: 'float',
    groups,
    bits: format.bits,
    format,
    scales: Float32Array.of(1),
    scaleType: 'none',
  };
}

/** Least exponent of a shared scale: that of the least normal float32, as a scale is divided by. */
const MIN_EXPONENT = -126;

/** A power of two per block: the exponent of the block's largest magnitude less that of the format (OCP Microscaling 1.0, section 6.3). */
export function microscaled(name: Minifloat['name'], groups: Groups, { upper }: Ranges): FloatQuantizer {
  const format = MINIFLOATS[name];
  const formatExponent = Math.floor(Math.log2(format.max));
  const scales = Float32Array.from(upper, (magnitude) => {
    const exponent = magnitude === 0 ? 0 : exponentOf(magnitude) - formatExponent;
    return 2 ** Math.max(MIN_EXPONENT, Math.min(exponent, 127 - formatExponent));
  });
  return { kind: 'float', groups, bits: format.bits, format, scales, scaleType: 'exponent' };
}

/** floor(log2(x)), exact also at powers of two, where Math.log2 may be off by an ulp. */
function exponentOf(magnitude: number): number {
  const guess = Math.round(Math.log2(magnitude));
  return magnitude >= 2 ** guess ? guess : guess - 1;
}
