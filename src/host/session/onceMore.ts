import { CancelledError } from '../../base/rpc';

/**
 * Does a job anew that went down with another's: a job that does not heed its cancellation is ended with its process, and so are all that
 * the process was at.
 * @throws CancelledError if this job itself is cancelled; and what the job throws
 */
export async function onceMore<T>(job: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await job();
  } catch (error) {
    if (signal.aborted || !(error instanceof CancelledError)) throw error;
    return job();
  }
}
