/** Binary weights. */
import type { BinarySpec } from '../../core/scheme/SchemeSpec';
import { groupLength } from '../GroupStats';
import type { BinaryQuantizer } from '../Quantizer';
import type { WeightSource } from '../WeightSource';

/**
 * The sign times the group's mean magnitude, the scale of least squared error (XNOR-Net, Rastegari et al. 2016, equation 6); or
 * plainly -1 and 1, also at random (BinaryConnect, Courbariaux et al. 2015, equations 1 and 2).
 */
export function fitBinary({ unit, seed, granularity }: BinarySpec, source: WeightSource): BinaryQuantizer {
  const { groups, sumAbs } = source.stats(unit ? 'tensor' : granularity);
  const scales = Float32Array.from(sumAbs, (sum, group) =>
    unit ? 1 : sum / groupLength(groups, group) || 0,
  );
  return { kind: 'binary', groups, bits: 1, scales, seed };
}
