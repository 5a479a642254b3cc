/** Requests of the main thread to a thread that runs variants of a model. */
import type { AffineQuantizer } from '../../quant/Quantizer';
import type { Calibration } from '../../core/recipe/calibration';
import type { Variant } from '../../core/measure/Measurement';
import type { SampleNoise } from '../../quant/sensitivity/modelOutputError';
import type { RoundingInputs } from '../../quant/rounding/RoundingInputs';
import type { Shapes } from '../data/syntheticInputs';
import type { VariantBase } from './leaveOneOutVariant';

/** A model, and what it is run on. */
export interface VariantModel {
  readonly path: string;
  readonly calibration: Calibration;
  /** Of the inputs, for random numbers. */
  readonly shapes: Shapes;
  /** How what layers read is quantized for the variant `ACTIVATIONS`, by activation; null for no such variant. */
  readonly inputs: ReadonlyMap<string, AffineQuantizer> | null;
  /** Whose variants are run: with a layer of it left in float; null for the float model's, with a layer of it quantized. */
  readonly quantized: VariantBase | null;
}

/** In place of a layer: nothing is left in float. */
export const NO_LAYER = '';

export interface VariantJob {
  /** Or `NO_LAYER`. */
  readonly layers: readonly string[];
  /** Where one layer is quantized at a time: with what, also repaired. */
  readonly schemes: readonly Variant[];
  /** Places in the list of samples. */
  readonly samples: readonly number[];
  /** What weights are repaired by, by layer; of layers that are not among them, nearest codes stay. Null where no scheme is repaired. */
  readonly repair: ReadonlyMap<string, RoundingInputs> | null;
}

/** Errors of the outputs under a layer's schemes; or why they cannot be measured, in one sentence. */
export interface VariantNoise {
  readonly layer: string;
  /** By scheme, and `ACTIVATIONS`; or `LEAVE_ONE_OUT`. One for each sample, in the order of the job. */
  readonly schemes: Readonly<Record<Variant, readonly SampleNoise[]>>;
  readonly problem: string | null;
}

export interface VariantApi {
  /** Takes a model over; the calls below are about it. */
  open: { params: VariantModel; progress: never; result: null };
  /** Makes variants, one layer at a time, and runs them. */
  measure: {
    params: VariantJob;
    /** Null: a sign of life. */
    progress: VariantNoise | null;
    result: null;
  };
}
