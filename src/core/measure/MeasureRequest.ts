/** Requests to measure errors, and their answers. */
import type { ActivationScheme } from '../scheme/activations';
import type { Calibration } from '../recipe/calibration';
import type { ModelOutputError } from './errors';
import type { Inputs, Level, Measurement, Variant } from './Measurement';
import type { Recipe } from '../recipe/recipe';
import type { SchemeId } from '../scheme/scheme';
import type { Stability } from './stability';

export type MeasureRequest = WeightRequest | OutputRequest;

/** Weight errors. */
export interface WeightRequest {
  readonly path: string;
  readonly level: 'weights';
  readonly layers: readonly string[];
  readonly schemes: readonly SchemeId[];
}

/** Errors at the outputs of layers or of the model. */
export interface OutputRequest {
  readonly path: string;
  readonly level: Exclude<Level, 'weights'>;
  /** Those that promise most come first. */
  readonly layers: readonly string[];
  /**
   * Schemes, also repaired (`repairedVariant`): a quarter of the samples then judges what is chosen by the others, and errors are on this quarter.
   */
  readonly schemes: readonly Variant[];
  readonly calibration: Calibration;
  /** Shapes of inputs whose dimensions the model leaves free, for synthetic inputs. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** For the model's outputs: how each layer's input is quantized for the variant `ACTIVATIONS`; null for no such variant. */
  readonly activations: ActivationScheme | null;
  /** For the model's outputs: the recipe of the variant `LEAVE_ONE_OUT`; null for no such variant. */
  readonly others: Recipe | null;
  /** Samples at most. */
  readonly samples: number;
  /** A folder where results are cached; null for none. */
  readonly cache: string | null;
}

export interface MeasurementBatch {
  readonly measurements: readonly Measurement[];
  readonly done: number;
  readonly total: number;
}

/** Of all layers together. */
export interface MeasurementSummary {
  readonly inputs: Inputs;
  /** 0 for weight errors. */
  readonly samples: number;
  /** Of model output errors, by scheme, where all layers were measured together. */
  readonly stability: Stability;
  /** The model as the whole recipe makes it, with which `LEAVE_ONE_OUT` is compared; null if that was not asked for. */
  readonly recipe: ModelOutputError | null;
}

/** Progress of measuring at one level, in steps of any kind. */
export interface LevelProgress {
  readonly running: boolean;
  readonly done: number;
  readonly total: number;
}

/** Progress of measuring, and what its results so far have in common, for the heatmap. */
export interface MeasuringState {
  readonly progress: Readonly<Record<Level, LevelProgress>>;
  /** Of every figure at outputs, also while more are measured; null without data. */
  readonly inputs: 'synthetic' | 'data' | null;
  readonly summaries: Readonly<Partial<Record<Level, MeasurementSummary>>>;
}

export const NO_PROGRESS: LevelProgress = { running: false, done: 0, total: 0 };

/** Nothing is measured, and nothing is being measured. */
export const NOTHING_MEASURED: MeasuringState = {
  progress: { weights: NO_PROGRESS, layer: NO_PROGRESS, model: NO_PROGRESS },
  inputs: null,
  summaries: {},
};
