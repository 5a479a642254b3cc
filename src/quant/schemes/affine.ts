/** Uniform affine quantization: Jacob et al. 2017, section 2.1 (r = S (q - Z)), and its symmetric case. */
import { chooses } from '../../core/scheme/families/affine';
import type { AffineSpec } from '../../core/scheme/SchemeSpec';
import type { Groups } from '../Groups';
import type { GroupStats } from '../GroupStats';
import type { AffineQuantizer } from '../Quantizer';
import { fitRanges } from '../ranges/fitRanges';
import type { Ranges } from '../ranges/Ranges';
import type { RangeSource } from '../ranges/RangeSource';
import { usableScale } from '../scales';

export function fitAffine(spec: AffineSpec, source: RangeSource): AffineQuantizer {
  const fit = (build: (groups: Groups, ranges: Ranges) => AffineQuantizer) => fitRanges(source, spec, build);
  if (!spec.symmetric) return fit((groups, ranges) => asymmetric(spec, groups, ranges));
  if (spec.ends === 'even' || (spec.ends === null && !chooses(spec.bits)))
    return fit((groups, ranges) => symmetric(spec, groups, ranges));
  const stats = source.stats(spec.granularity);
  const signed = fit((groups, ranges) => signedMaximum(spec, groups, ranges, stats));
  if (spec.ends === 'signed') return signed;
  // The code that an even grid leaves out is there, and serves weights beyond the range.
  const even = fit((groups, ranges) => ({ ...symmetric(spec, groups, ranges), qmin: signed.qmin }));
  return better(even, signed, source);
}

/** The grid of smaller squared error in each group; of equal ones, the even one. */
function better(even: AffineQuantizer, signed: AffineQuantizer, source: RangeSource): AffineQuantizer {
  const [noise, other] = [source.noise(even), source.noise(signed)];
  const scales = even.scales.map((scale, group) =>
    other[group]! < noise[group]! ? signed.scales[group]! : scale,
  );
  return { ...even, scales };
}

/**
 * As many levels below zero as above: of 2^bits codes one is left out, so that a weight and its negative are quantized alike. Unsigned codes have their
 * zero point in the middle.
 */
function symmetric({ bits, signed }: AffineSpec, groups: Groups, { upper }: Ranges): AffineQuantizer {
  const steps = 2 ** (bits - 1) - 1;
  const middle = signed ? 0 : steps + 1;
  const scales = Float32Array.from(upper, (magnitude) => usableScale(magnitude / steps, steps));
  const zeroPoints = signed ? null : new Int32Array(scales.length).fill(middle);
  return { kind: 'affine', groups, bits, qmin: middle - steps, qmax: middle + steps, scales, zeroPoints };
}

/**
 * The weight of largest magnitude is the lowest code, of which there is one more than of positive ones: a step is shorter than on a
 * grid with both ends alike. Where that weight is positive, the scale is negative.
 */
function signedMaximum(
  { bits, signed }: AffineSpec,
  groups: Groups,
  { upper }: Ranges,
  { min, max }: GroupStats,
): AffineQuantizer {
  const steps = 2 ** (bits - 1);
  const middle = signed ? 0 : steps;
  const scales = Float32Array.from(upper, (magnitude, group) => {
    const scale = usableScale(magnitude / steps, steps);
    return max[group]! > -min[group]! ? -scale : scale;
  });
  const zeroPoints = signed ? null : new Int32Array(scales.length).fill(middle);
  return { kind: 'affine', groups, bits, qmin: middle - steps, qmax: middle + steps - 1, scales, zeroPoints };
}

/** All codes; the range holds zero, which an integer zero point then represents exactly. */
function asymmetric({ bits, signed }: AffineSpec, groups: Groups, { lower, upper }: Ranges): AffineQuantizer {
  const steps = 2 ** bits - 1;
  const qmin = signed ? -(2 ** (bits - 1)) : 0;
  const scales = new Float32Array(groups.count);
  const zeroPoints = new Int32Array(groups.count);
  for (let group = 0; group < groups.count; group++) {
    const scale = (upper[group]! - lower[group]!) / steps;
    const below = scale === 0 ? 0 : Math.min(steps, Math.round(-lower[group]! / scale));
    zeroPoints[group] = qmin + below;
    scales[group] = usableScale(scale, Math.max(below, steps - below));
  }
  return { kind: 'affine', groups, bits, qmin, qmax: qmin + steps, scales, zeroPoints };
}
