import type { Calibration } from '../recipe/calibration';
import type { SchemeId } from '../scheme/scheme';
import type { Decibels } from './Decibels';

export interface RepairViewRequest {
  readonly path: string;
  readonly layer: string;
  readonly scheme: SchemeId;
  readonly calibration: Calibration;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Samples at most; some of them fit, the others judge. */
  readonly samples: number;
}

/** A figure of the nearest levels, and of those that were chosen for the layer's output. */
export interface NearestAndChosen<T> {
  readonly nearest: T;
  readonly chosen: T;
}

/** A layer's weights rounded by the moments of what it reads, beside the same weights rounded to nearest. */
export interface RepairView {
  readonly weights: number;
  /** Weights with another value than the nearest: because of another level, or another scale. */
  readonly moved: number;
  /**
   * Of these, by how many levels of the chosen grid they moved: by none, as only its scale is another, by one, … and the last for that many
   * or more. Empty for codebooks of vectors, which have no order.
   */
  readonly distances: readonly number[];
  readonly weightSqnrDb: NearestAndChosen<Decibels>;
  /** Layer output error on the samples that judge. */
  readonly outputSqnrDb: NearestAndChosen<Decibels>;
  /** The same for each output channel, see `toNumber`. */
  readonly channelSqnrDb: NearestAndChosen<Float32Array>;
  readonly samples: { readonly fitted: number; readonly judged: number };
}
