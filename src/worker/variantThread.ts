/** A thread of the engine's process that runs variants of a model in onnxruntime. */
import { parentPort, workerData } from 'node:worker_threads';
import { createVariantThread } from '../engine/jobs/createVariantThread';
import { bindKernel } from '../kernel/loadKernel';
import { serve } from '../base/rpc';

const { kernel } = workerData as { readonly kernel: WebAssembly.Module };
serve(
  {
    post: (message) => parentPort!.postMessage(message),
    listen: (listener) => void parentPort!.on('message', listener),
  },
  createVariantThread((memory) => bindKernel(kernel, memory)),
);
