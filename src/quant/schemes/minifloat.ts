/** Low-bit floating-point numbers, with a scale per group, without one, or with a shared power of two. */
import { MINIFLOATS, type Minifloat } from '../../core/scheme/Minifloat';
import type { HalfSpec, MicroscalingSpec, MinifloatSpec } from '../../core/scheme/SchemeSpec';
import type { Groups } from '../Groups';
import type { FloatQuantizer } from '../Quantizer';
import { fitRanges } from '../ranges/fitRanges';
import { minMax, type Ranges } from '../ranges/Ranges';
import { usableScale } from '../scales';
import type { WeightSource } from '../WeightSource';

export function fitScaledFloat(spec: MinifloatSpec, source: WeightSource): FloatQuantizer {
  return fitRanges(source, { ...spec, symmetric: true }, (groups, ranges) =>
    scaledFloat(spec.format, groups, ranges),
  );
}

export function fitPlainFloat({ format }: HalfSpec, source: WeightSource): FloatQuantizer {
  return plainFloat(format, source.stats('tensor').groups);
}

export function fitMicroscaled({ format, block }: MicroscalingSpec, source: WeightSource): FloatQuantizer {
  const stats = source.stats(block);
  return microscaled(format, stats.groups, minMax(stats, true));
}

/** The end of the range becomes the format's greatest number. */
function scaledFloat(name: Minifloat['name'], groups: Groups, { upper }: Ranges): FloatQuantizer {
  const format = MINIFLOATS[name];
  const scales = Float32Array.from(upper, (magnitude) => usableScale(magnitude / format.max, format.max));
  return { kind: 'float', groups, bits: format.bits, format, scales, scaleType: 'float32' };
}

/** The format as it is. */
function plainFloat(name: Minifloat['name'], groups: Groups): FloatQuantizer {
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
function microscaled(name: Minifloat['name'], groups: Groups, { upper }: Ranges): FloatQuantizer {
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
