import type { JobContext } from '../../base/rpc';
import type {
  OutputErrors,
  SensitivityBatch,
  SensitivityRequest,
  SensitivitySummary,
} from '../../core/measure/sensitivity';
import type { Samples } from '../data/calibrationSamples';
import type { OpenModel } from '../models/OpenModels';
import type { Shapes } from '../data/syntheticInputs';

export type Context = JobContext<SensitivityBatch>;

/** A request with what was found out for it. */
export interface Measurement {
  readonly request: SensitivityRequest;
  readonly model: OpenModel;
  readonly shapes: Shapes;
  readonly samples: Samples;
  readonly places: readonly number[];
}

export function summaryOf({ samples, places }: Measurement): SensitivitySummary {
  return { inputs: samples.kind, samples: places.length, stability: {}, recipe: null };
}

/** Whether all samples were measured: what few say is shown, not kept. */
export function isComplete({ level, errors, problem }: OutputErrors, samples: number): boolean {
  return (
    level === 'layer' || problem !== null || Object.values(errors).every((error) => error.samples === samples)
  );
}
