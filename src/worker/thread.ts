/** A kernel thread of the engine's process. */
import { parentPort, workerData } from 'node:worker_threads';
import { createThread } from '../engine/jobs/createThread';
import { bindKernel } from '../kernel/loadKernel';
import { serve } from '../base/rpc';

const { kernel } = workerData as { readonly kernel: WebAssembly.Module };
serve(
  {
    post: (message) => parentPort!.postMessage(message),
    listen: (listener) => void parentPort!.on('message', listener),
  },
  createThread((memory) => bindKernel(kernel, memory)),
);
