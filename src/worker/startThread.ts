import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { OpeningThread } from '../engine/models/openOnThread';

/**
 * Starts a thread of this process; it does not keep the process alive.
 * @param program name of its bundle, beside this one
 * @param data handed to it
 */
export function startThread(
  program: 'thread' | 'variantThread' | 'opening' | 'watchdog',
  data: unknown = null,
): OpeningThread {
  const worker = new Worker(join(__dirname, `${program}.js`), { workerData: data });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    listen: (listener) => void worker.on('message', listener),
    end: () => void worker.terminate(),
    onError: (listener) => void worker.on('error', listener),
  };
}
