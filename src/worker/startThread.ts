import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Port } from '../base/rpc';

/**
 * Starts a thread of this process; it does not keep the process alive.
 * @param program name of its bundle, beside this one
 */
export function startThread(
  program: 'thread' | 'variantThread',
  kernel: WebAssembly.Module,
): Port & { end(): void } {
  const worker = new Worker(join(__dirname, `${program}.js`), { workerData: { kernel } });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    listen: (listener) => void worker.on('message', listener),
    end: () => void worker.terminate(),
  };
}
