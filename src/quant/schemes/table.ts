/** Levels that a scheme has for all weights, stretched to them. */
import type { AdditivePowersSpec, Granularity, NormalFloatSpec, Range } from '../../core/scheme/SchemeSpec';
import { midpoints } from '../codebook/midpoints';
import type { Groups } from '../Groups';
import type { TableQuantizer } from '../Quantizer';
import { fitRanges } from '../ranges/fitRanges';
import type { Ranges } from '../ranges/Ranges';
import { usableScale } from '../scales';
import { additivePowers } from '../tables/additivePowers';
import { NORMAL_FLOAT_4 } from '../tables/normalFloat4';
import type { WeightSource } from '../WeightSource';

export function fitAdditivePowers(spec: AdditivePowersSpec, source: WeightSource): TableQuantizer {
  return fitTable(spec, source, additivePowers(spec.bits));
}

export function fitNormalFloat(spec: NormalFloatSpec, source: WeightSource): TableQuantizer {
  return fitTable({ ...spec, bits: 4 }, source, NORMAL_FLOAT_4);
}

export function fitTable(
  spec: { readonly bits: number; readonly granularity: Granularity; readonly range: Range },
  source: WeightSource,
  entries: Float32Array,
): TableQuantizer {
  return fitRanges(source, { ...spec, symmetric: true }, (groups, ranges) =>
    scaledTable(spec.bits, entries, groups, ranges),
  );
}

/** Levels between -1 and 1, stretched so that the outermost one ends each group's range. */
export function scaledTable(
  bits: number,
  entries: Float32Array,
  groups: Groups,
  { upper }: Ranges,
): TableQuantizer {
  const scales = Float32Array.from(upper, (magnitude) => usableScale(magnitude, 1));
  return {
    kind: 'table',
    groups,
    bits,
    entries,
    thresholds: midpoints(entries),
    count: entries.length,
    scales,
    fitted: 'scales',
  };
}
