import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError, type JobContext } from '../../base/rpc';
import type { ExportProgress, ExportStage } from '../../core/report/report';

/** Tells how far a stage is. @throws CancelledError */
export async function step(
  { signal, progress }: JobContext<ExportProgress>,
  stage: ExportStage,
  fraction: number,
): Promise<void> {
  progress({ stage, fraction });
  await nextTurn();
  if (signal.aborted) throw new CancelledError();
}
