import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ExportRequest } from '../protocol/engineApi';
import { EngineProcess, type EngineCallOptions, type EngineProcessOptions } from './EngineProcess';
import type { ExportProgress, ExportReport } from '../core/report/report';

/**
 * Exports in a process of its own: a model that crashes or hangs onnxruntime takes nothing else along. Whatever happens,
 * either the whole output is there or nothing is.
 * @throws UserError, CancelledError
 */
export async function exportModel(
  request: Omit<ExportRequest, 'temporary'>,
  options: EngineProcessOptions & EngineCallOptions<ExportProgress>,
): Promise<ExportReport> {
  const folder = `.${basename(request.output)}.${randomUUID().slice(0, 8)}.tmp`;
  const temporary = join(dirname(request.output), folder);
  const engine = new EngineProcess(options);
  try {
    return await engine.call('export', { ...request, temporary }, options);
  } finally {
    await engine.dispose();
    // The worker tidies up after itself; this is for the case that it could not.
    await rm(temporary, { recursive: true, force: true });
  }
}
