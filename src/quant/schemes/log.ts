/** Logarithmic quantization: sign, zero and powers of two (Miyashita et al. 2016, section 3; a full-scale range per group). */
import type { LogSpec } from '../../core/scheme/SchemeSpec';
import type { Groups } from '../Groups';
import type { LogQuantizer, Quantizer } from '../Quantizer';
import { fitRanges } from '../ranges/fitRanges';
import type { Ranges } from '../ranges/Ranges';
import { rootsOfTwo } from '../tables/rootsOfTwo';
import type { WeightSource } from '../WeightSource';
import { fitTable } from './table';

export function fitLog(spec: LogSpec, source: WeightSource): Quantizer {
  if (spec.base === 'sqrt2') return fitTable(spec, source, rootsOfTwo(spec.bits));
  return fitRanges(source, { ...spec, symmetric: true }, (groups, ranges) =>
    powersOfTwo(spec.bits, groups, ranges),
  );
}

/** The largest power of two is the one nearest by value to the end of the range. */
function powersOfTwo(bits: number, groups: Groups, { upper }: Ranges): LogQuantizer {
  // With sign and zero, so many powers are what the bits hold; code 2^(bits - 1) would be minus zero and is never written.
  const count = 2 ** (bits - 1) - 1;
  const exponents = Int32Array.from(upper, (magnitude) => nearestExponent(magnitude, count));
  return { kind: 'log', groups, bits, count, exponents };
}

/** e with 2^e nearest to `magnitude`, kept where all levels of the group are normal float32 numbers. */
function nearestExponent(magnitude: number, count: number): number {
  if (magnitude === 0) return 0;
  const below = Math.floor(Math.log2(magnitude));
  // Math.log2 may be off by one ulp at powers of two; comparing with the midpoints settles it.
  const exponent = magnitude >= 1.5 * 2 ** below ? below + 1 : below;
  return Math.min(127, Math.max(exponent, -126 + count - 1));
}
