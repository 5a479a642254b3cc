import { dirname } from 'node:path';
import type { ExportRequest } from '../protocol/engineApi';
import type { ExportProgress, ExportReport } from '../core/report/report';
import { removeLeftovers } from '../files/temporaryFolder';
import { EngineProcess, type EngineCallOptions, type EngineProcessOptions } from './EngineProcess';

/**
 * Exports in a process of its own: a model that crashes or hangs onnxruntime takes nothing else along. Whatever happens,
 * either the whole output is there or nothing is.
 * @throws UserError, CancelledError
 */
export async function exportModel(
  request: ExportRequest,
  options: EngineProcessOptions & EngineCallOptions<ExportProgress>,
): Promise<ExportReport> {
  const engine = new EngineProcess(options);
  try {
    return await engine.call('export', request, options);
  } finally {
    await engine.dispose();
    removeLeftovers(dirname(request.output));
  }
}
