import type { LayerOutputError, ModelOutputError, WeightError } from './errors';
import type { SchemeId } from '../scheme/scheme';

/**
 * Where an error is measured: on the weights alone (no data), at the layer's output (from second moments of its inputs), or at the
 * model's outputs (the model is run).
 */
export type Level = 'weights' | 'layer' | 'model';

/** The layer's input is quantized, all weights are float. */
export const ACTIVATIONS = 'activations';

/** The layer is float, its input as well, and all others are quantized as the recipe says. */
export const LEAVE_ONE_OUT = 'left-in-float';

/** The weights of the layer alone, by a scheme, their codes chosen for the layer's output: the pass `gptq`. */
export type RepairedVariant = `${typeof REPAIRED}${SchemeId}`;

const REPAIRED = 'repaired:';

export function repairedVariant(scheme: SchemeId): RepairedVariant {
  return `${REPAIRED}${scheme}`;
}

/** The scheme of a repaired variant; null of another. */
export function repairedScheme(variant: Variant): SchemeId | null {
  return variant.startsWith(REPAIRED) ? variant.slice(REPAIRED.length) : null;
}

/** The change to the float model: the weights of the layer alone, by a scheme; or one of the three above. */
export type Variant = SchemeId | RepairedVariant | typeof ACTIVATIONS | typeof LEAVE_ONE_OUT;

/** The inputs that errors are measured on: nothing but the weights, random numbers, or the user's data. */
export type Inputs = 'none' | 'synthetic' | 'data';

interface MeasurementAt<L extends Level, E> {
  readonly level: L;
  readonly layer: string;
  /** As far as they are measured. */
  readonly errors: Readonly<Partial<Record<Variant, E>>>;
  readonly inputs: Inputs;
  /** Why nothing can be measured, in one sentence; null if something can. */
  readonly problem: string | null;
}

export interface WeightMeasurement extends MeasurementAt<'weights', WeightError> {
  readonly inputs: 'none';
  /** A small histogram of the weights between their least and greatest value. */
  readonly sparkline: readonly number[];
}
export type LayerMeasurement = MeasurementAt<'layer', LayerOutputError>;
export type ModelMeasurement = MeasurementAt<'model', ModelOutputError>;

/** Errors of one layer at one level, by variant. */
export type Measurement = WeightMeasurement | LayerMeasurement | ModelMeasurement;

export type MeasurementOf<L extends Level> = Extract<Measurement, { readonly level: L }>;

/** All measurements of one layer. */
export interface Measured {
  readonly weights?: WeightMeasurement;
  readonly layer?: LayerMeasurement;
  readonly model?: ModelMeasurement;
}

/** Both together; where both have an error of the same variant, that of `news`. */
export function mergeMeasurement<M extends Measurement>(before: M | undefined, news: M): M {
  if (!before) return news;
  return { ...news, errors: { ...before.errors, ...news.errors }, problem: news.problem ?? before.problem };
}
