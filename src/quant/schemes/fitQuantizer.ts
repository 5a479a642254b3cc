import type { Granularity, Range, SchemeSpec } from '../../core/scheme/SchemeSpec';
import type { Quantizer } from '../Quantizer';
import { minMax } from '../ranges/Ranges';
import { fitRanges } from '../ranges/fitRanges';
import { affine } from './affine';
import { binary } from './binary';
import { codebook } from './codebook';
import { dorefa } from './dorefa';
import { powersOfTwo } from './log';
import { microscaled, plainFloat, scaledFloat } from './minifloat';
import { scaledTable } from './table';
import { ternary } from './ternary';
import { vector } from './vector';
import { additivePowers } from '../tables/additivePowers';
import { NORMAL_FLOAT_4 } from '../tables/normalFloat4';
import { rootsOfTwo } from '../tables/rootsOfTwo';
import type { WeightSource } from '../WeightSource';
import type { Pause } from '../../base/pauses';

/** A spec that changes the weights. */
export type QuantizingSpec = Exclude<SchemeSpec, { family: 'float' }>;

/** Fits a scheme to a weight: the one place where schemes become numbers. */
export async function fitQuantizer(
  spec: QuantizingSpec,
  source: WeightSource,
  pause: Pause,
): Promise<Quantizer> {
  switch (spec.family) {
    case 'affine':
      return fitRanges(source, spec, (groups, ranges) => affine(spec, groups, ranges));
    case 'log':
      return spec.base === '2'
        ? fitRanges(source, { ...spec, symmetric: true }, (groups, ranges) =>
            powersOfTwo(spec.bits, groups, ranges),
          )
        : fitTable(spec, source, rootsOfTwo(spec.bits));
    case 'apot':
      return fitTable(spec, source, additivePowers(spec.bits));
    case 'nf4':
      return fitTable({ ...spec, bits: 4 }, source, NORMAL_FLOAT_4);
    case 'minifloat':
      return fitRanges(source, { ...spec, symmetric: true }, (groups, ranges) =>
        scaledFloat(spec.format, groups, ranges),
      );
    case 'half':
      return plainFloat(spec.format, source.stats('tensor').groups);
    case 'mx': {
      const stats = source.stats(spec.block);
      return microscaled(spec.format, stats.groups, minMax(stats, true));
    }
    case 'binary':
      return binary(spec, source.stats(spec.unit ? 'tensor' : spec.granularity));
    case 'ternary':
      return ternary(source, spec.granularity);
    case 'dorefa':
      return dorefa(spec, source);
    case 'codebook':
      return codebook(spec, source, pause);
    case 'vector':
      return vector(spec, source, pause);
  }
}

function fitTable(
  spec: { readonly bits: number; readonly granularity: Granularity; readonly range: Range },
  source: WeightSource,
  entries: Float32Array,
): Quantizer {
  return fitRanges(source, { ...spec, symmetric: true }, (groups, ranges) =>
    scaledTable(spec.bits, entries, groups, ranges),
  );
}
