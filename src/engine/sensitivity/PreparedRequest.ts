import type { JobContext } from '../../base/rpc';
import type { MeasurementBatch, OutputRequest, MeasurementSummary } from '../../core/measure/MeasureRequest';
import type { Measurement } from '../../core/measure/Measurement';
import type { Samples } from '../data/calibrationSamples';
import type { OpenModel } from '../models/OpenModels';
import type { SensitivityCache } from './SensitivityCache';
import type { Shapes } from '../data/syntheticInputs';

export type Context = JobContext<MeasurementBatch>;

/** A request with what was found out for it. */
export interface PreparedRequest {
  readonly request: OutputRequest;
  readonly model: OpenModel;
  readonly shapes: Shapes;
  readonly samples: Samples;
  /** What errors are measured on. */
  readonly sampleIndices: readonly number[];
  /** What weights are repaired by, where all schemes of the request are repaired; null where none is. */
  readonly fitted: readonly number[] | null;
}

export function summaryOf({ samples, sampleIndices }: PreparedRequest): MeasurementSummary {
  return { inputs: samples.kind, samples: sampleIndices.length, stability: {}, recipe: null };
}

/** Whether all samples were measured: errors on a few of them are shown, not cached. */
export function isComplete(measurement: Measurement, samples: number): boolean {
  if (measurement.level !== 'model' || measurement.problem !== null) return true;
  return Object.values(measurement.errors).every((error) => error?.samples === samples);
}

/** Reports those of the layers that are cached. */
export function reportAll(
  layers: readonly string[],
  cache: SensitivityCache,
  progress: Context['progress'],
): void {
  const measurements = layers.flatMap((layer) => cache.get(layer) ?? []);
  if (measurements.length > 0) progress({ measurements, done: measurements.length, total: layers.length });
}
