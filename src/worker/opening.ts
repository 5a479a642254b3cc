/** A thread of the engine's process that opens a model. */
import { parentPort } from 'node:worker_threads';
import { createOpening } from '../engine/models/openOnThread';
import { serve } from '../base/rpc';

serve(
  {
    post: (message) => parentPort!.postMessage(message),
    listen: (listener) => void parentPort!.on('message', listener),
  },
  createOpening(),
);
