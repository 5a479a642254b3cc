import type { ActivationScheme } from '../scheme/activations';
import type { Decibels } from './Decibels';
import type { Calibration } from '../recipe/calibration';

export interface ActivationViewRequest {
  readonly path: string;
  /** The layer whose input is looked at. */
  readonly layer: string;
  /** How it is quantized. */
  readonly activations: ActivationScheme;
  readonly calibration: Calibration;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Samples at most. */
  readonly samples: number;
  /** Histogram bins, 1 to 4,096. */
  readonly bins: number;
  /** A folder where what is observed is kept for the next time; null for none. */
  readonly cache: string | null;
}

/** The picture of an observed activation and its quantization. */
export interface ActivationView {
  readonly histogram: { readonly lo: number; readonly hi: number; readonly counts: Uint32Array };
  /** The values that codes stand for, ascending. */
  readonly levels: Float32Array;
  /** Estimated from the histogram. */
  readonly sqnrDb: Decibels;
  /** Share of the values beyond the levels' ends by more than rounding to them, half a step, about. */
  readonly clippedShare: number;
  /** Share of the values that are exactly zero. */
  readonly zeroShare: number;
  /** NaN and infinities, which nothing else here counts. */
  readonly notFinite: number;
}

/** An activation, and what it was observed on. */
export interface LayerActivations {
  /** Name of the tensor. */
  readonly tensor: string;
  readonly view: ActivationView;
  readonly inputs: 'synthetic' | 'data';
  readonly samples: number;
}
