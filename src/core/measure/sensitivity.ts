/** Sensitivity measured with data: what quantizing a layer does to its own output, and to the model's. */
import type { ActivationScheme } from '../scheme/activations';
import type { Calibration } from '../recipe/calibration';
import type { LayerOutputError, ModelOutputError } from './measures';
import type { Recipe } from '../recipe/recipe';
import type { SchemeId } from '../scheme/scheme';

/**
 * How an error is looked at: of the weights alone (no data), of the layer's output (from second moments of its inputs), or of the
 * model's outputs (one layer quantized at a time, the model run).
 */
export type SensitivityLevel = 'weights' | 'layer' | 'model';

/** Beside the schemes: the layer's weights are float, but its input is quantized. */
export const ACTIVATIONS = 'activations';

/** Beside the schemes: the layer is float, its input as well, and all others are quantized as the recipe says. */
export const LEFT_IN_FLOAT = 'left-in-float';

export interface SensitivityRequest {
  readonly path: string;
  readonly level: Exclude<SensitivityLevel, 'weights'>;
  /** Layers to be measured, the most promising first. */
  readonly layers: readonly string[];
  readonly schemes: readonly SchemeId[];
  readonly calibration: Calibration;
  /** Shapes of inputs whose dimensions the model leaves free, for synthetic inputs. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** For the model's outputs: quantize each layer's input as well, on its own; null for no. */
  readonly activations: ActivationScheme | null;
  /** For the model's outputs: the recipe that all layers but one are quantized by, for `LEFT_IN_FLOAT`; null for no such figures. */
  readonly others: Recipe | null;
  /** A folder to be made for that recipe's model, which is written meanwhile. The caller removes it if the worker dies. */
  readonly temporary: string;
  /** Samples at most. */
  readonly samples: number;
  /** A folder where results are kept for the next time; null for none. */
  readonly cache: string | null;
}

/** One layer's errors under some schemes, as far as they are known. */
export type OutputErrors = LayerOutputErrors | ModelOutputErrors;

export interface LayerOutputErrors {
  readonly level: 'layer';
  readonly layer: string;
  readonly errors: Readonly<Record<SchemeId, LayerOutputError>>;
  /** Why nothing could be measured, in one sentence; null if something was. */
  readonly problem: string | null;
}

export interface ModelOutputErrors {
  readonly level: 'model';
  readonly layer: string;
  readonly errors: Readonly<Record<SchemeId, ModelOutputError>>;
  readonly problem: string | null;
}

/** A layer's errors at outputs, as far as they were measured. */
export interface LayerOutputs {
  readonly layer?: LayerOutputErrors;
  readonly model?: ModelOutputErrors;
}

export interface SensitivityBatch {
  readonly layers: readonly OutputErrors[];
  readonly done: number;
  readonly total: number;
}

/** Spearman's correlation of the layers' order by the first samples with that by all. */
export interface RankStability {
  readonly samples: number;
  readonly correlation: number;
}

export type Stability = Readonly<Record<SchemeId, readonly RankStability[]>>;

/** The mean over schemes, those that are not known aside. */
export function meanStability(
  stability: Stability,
  schemes: readonly SchemeId[] = Object.keys(stability),
): RankStability[] {
  const known = schemes.flatMap((scheme) => (Object.hasOwn(stability, scheme) ? stability[scheme]! : []));
  const counts = [...new Set(known.map(({ samples }) => samples))].sort((a, b) => a - b);
  return counts.map((samples) => {
    const correlations = known.filter((each) => each.samples === samples);
    const sum = correlations.reduce((total, { correlation }) => total + correlation, 0);
    return { samples, correlation: sum / correlations.length };
  });
}

/** What was measured on. */
export interface SensitivitySummary {
  readonly inputs: 'synthetic' | 'data';
  readonly samples: number;
  /** By scheme, where all layers were measured together; none for the layers' own outputs. */
  readonly stability: Stability;
  /** The model as the whole recipe makes it, which `LEFT_IN_FLOAT` is to be compared with; null if that was not asked for. */
  readonly recipe: ModelOutputError | null;
}

/** What is being measured, and what was. */
export interface SensitivityState {
  readonly running: SensitivityLevel | null;
  readonly done: number;
  readonly total: number;
  /** What is measured on: of every figure there is, also while more are measured; null without data. */
  readonly inputs: 'synthetic' | 'data' | null;
  readonly summaries: Readonly<Partial<Record<SensitivityLevel, SensitivitySummary>>>;
}
