import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SensitivityBatch, SensitivityRequest, SensitivitySummary } from '../core/measure/sensitivity';
import type { EngineCallOptions, EngineProcess } from './EngineProcess';

/**
 * Measures sensitivity; whatever happens, nothing that was written for it stays.
 * @throws UserError, CancelledError
 */
export async function measureSensitivity(
  engine: EngineProcess,
  request: Omit<SensitivityRequest, 'temporary'>,
  options: EngineCallOptions<SensitivityBatch>,
): Promise<SensitivitySummary> {
  const temporary = join(tmpdir(), `quantscope-${randomUUID()}.tmp`);
  try {
    return await engine.call('sensitivity', { ...request, temporary }, options);
  } finally {
    // The worker tidies up after itself; this is for the case that it could not.
    await rm(temporary, { recursive: true, force: true });
  }
}
