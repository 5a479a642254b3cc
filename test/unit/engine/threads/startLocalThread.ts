import { MessageChannel } from 'node:worker_threads';
import { createEngine } from '../../../../src/engine/jobs/engine';
import { createThread } from '../../../../src/engine/jobs/createThread';
import type { LoadKernel } from '../../../../src/engine/weights/WeightKernel';
import { createVariantThread } from '../../../../src/engine/jobs/createVariantThread';
import { createOpening, type OpeningThread } from '../../../../src/engine/models/openOnThread';
import { serve, type Api, type Handlers, type Port } from '../../../../src/base/rpc';

/** A kernel thread's jobs behind a message port as in real life, but in this thread: no built file is needed. */
export function startLocalThread(loadKernel: LoadKernel): Port {
  return localPort(createThread(loadKernel));
}

/** The same for a thread that runs variants. */
export function startLocalVariantThread(loadKernel: LoadKernel): Port & { end(): void } {
  return { ...localPort(createVariantThread(loadKernel)), end: () => {} };
}

/** The same for a thread that opens a model. */
export function startLocalOpening(): OpeningThread {
  return { ...localPort(createOpening()), end: () => {}, onError: () => {} };
}

/** An engine whose threads are local ones. @param onVariantThread called when a thread that runs variants is started */
export function createLocalEngine(
  loadKernel: LoadKernel,
  { threads = 2, onVariantThread = () => {} }: { threads?: number; onVariantThread?: () => void } = {},
): ReturnType<typeof createEngine> {
  return createEngine({
    loadKernel,
    startThread: () => startLocalThread(loadKernel),
    startVariantThread: () => {
      onVariantThread();
      return startLocalVariantThread(loadKernel);
    },
    startOpening: startLocalOpening,
    threads,
  });
}

function localPort<T extends Api<T>>(handlers: Handlers<T>): Port {
  const { port1, port2 } = new MessageChannel();
  const asPort = (port: typeof port1): Port => {
    port.unref();
    return {
      post: (message) => port.postMessage(message),
      listen: (listener) => void port.on('message', listener),
    };
  };
  serve(asPort(port2), handlers);
  return asPort(port1);
}
