/** What a thread that runs variants of a model does for the main thread. */
import type { ActivationScheme } from '../../shared/activations';
import type { Calibration } from '../../shared/calibration';
import type { SchemeId } from '../../shared/scheme';
import type { SampleDifference } from '../../quant/sensitivity/modelOutputError';
import type { Shapes } from '../syntheticInputs';

/** A model, and what it is run on. */
export interface VariantModel {
  readonly path: string;
  readonly calibration: Calibration;
  /** Of the inputs, for random numbers. */
  readonly shapes: Shapes;
  /** How a layer's input is quantized for the variant `ACTIVATIONS`; null for no such variant. */
  readonly activations: ActivationScheme | null;
}

/** What a layer's schemes do to the outputs; or why that cannot be measured, in one sentence. */
export interface LayerDifferences {
  readonly layer: string;
  /** By scheme, and `ACTIVATIONS`; one for each sample. */
  readonly schemes: Readonly<Record<SchemeId, readonly SampleDifference[]>>;
  readonly problem: string | null;
}

export interface VariantApi {
  /** Takes a model over; the calls below are about it. */
  open: { params: VariantModel; progress: never; result: null };
  /** Quantizes layers, one at a time with each scheme, and runs what that changes. */
  measure: {
    params: {
      readonly layers: readonly string[];
      readonly schemes: readonly SchemeId[];
      /** Places in the list of samples. */
      readonly samples: readonly number[];
    };
    /** Null: a sign of life. */
    progress: LayerDifferences | null;
    result: null;
  };
}
