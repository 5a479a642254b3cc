import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Port } from '../shared/rpc';

/** Starts a kernel thread; it does not keep the process alive. */
export function startThread(kernel: WebAssembly.Module): Port {
  const worker = new Worker(join(__dirname, 'thread.js'), { workerData: { kernel } });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    listen: (listener) => void worker.on('message', listener),
  };
}
