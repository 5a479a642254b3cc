import type { Pause } from '../../base/pauses';
import type { SchemeSpec } from '../../core/scheme/SchemeSpec';
import type { Quantizer } from '../Quantizer';
import type { WeightSource } from '../WeightSource';
import { fitAffine } from './affine';
import { fitBinary } from './binary';
import { fitCodebook } from './codebook';
import { fitDorefa } from './dorefa';
import { fitLog } from './log';
import { fitMicroscaled, fitPlainFloat, fitScaledFloat } from './minifloat';
import { fitAdditivePowers, fitNormalFloat } from './table';
import { fitTernary } from './ternary';
import { fitVector } from './vector';

/** A spec that changes the weights. */
export type QuantizingSpec = Exclude<SchemeSpec, { family: 'float' }>;

/** Fits the schemes of a family to a weight. */
export type Fit<S> = (spec: S, source: WeightSource, pause: Pause) => Quantizer | Promise<Quantizer>;

const FITS: { readonly [F in QuantizingSpec['family']]: Fit<Extract<QuantizingSpec, { family: F }>> } = {
  affine: fitAffine,
  log: fitLog,
  apot: fitAdditivePowers,
  nf4: fitNormalFloat,
  minifloat: fitScaledFloat,
  half: fitPlainFloat,
  mx: fitMicroscaled,
  binary: fitBinary,
  ternary: fitTernary,
  dorefa: fitDorefa,
  codebook: fitCodebook,
  vector: fitVector,
};

/** Fits a scheme to a weight: the one place where schemes become numbers. */
export async function fitQuantizer(
  spec: QuantizingSpec,
  source: WeightSource,
  pause: Pause,
): Promise<Quantizer> {
  return await (FITS[spec.family] as Fit<QuantizingSpec>)(spec, source, pause);
}
