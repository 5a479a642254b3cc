import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  MeasurementBatch,
  MeasurementSummary,
  OutputRequest,
  WeightRequest,
} from '../core/measure/MeasureRequest';
import type { EngineCallOptions, EngineProcess } from './EngineProcess';

/** A request without what the client sees to. */
export type Measuring = WeightRequest | Omit<OutputRequest, 'temporary'>;

/**
 * Measures errors of layers; whatever happens, nothing that was written for it stays.
 * @throws UserError, CancelledError
 */
export async function measure(
  engine: EngineProcess,
  request: Measuring,
  options: EngineCallOptions<MeasurementBatch>,
): Promise<MeasurementSummary> {
  if (request.level === 'weights') return engine.call('measure', request, options);
  const temporary = join(tmpdir(), `quantscope-${randomUUID()}.tmp`);
  try {
    return await engine.call('measure', { ...request, temporary }, options);
  } finally {
    // The worker tidies up after itself; this is for the case that it could not.
    await rm(temporary, { recursive: true, force: true });
  }
}
