/** Opening models on threads of their own: others do not wait, and a file that takes too long or too much is given up with its thread. */
import { CancelledError, Client, type Handlers, type Port } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import { readModel } from '../formats/readModel';
import { describeModel, type OpenedModel } from './OpenedModel';
import type { OpenElsewhere } from './OpenModels';

export interface OpeningApi {
  open: { params: { readonly path: string }; progress: never; result: OpenedModel };
}

/** The jobs of a thread that opens models. */
export function createOpening(): Handlers<OpeningApi> {
  return { open: ({ path }) => describeModel(readModel(path)) };
}

/** A thread that serves `createOpening`, until it is ended. */
export interface OpeningThread extends Port {
  end(): void;
  /** Called if it ends otherwise, as for want of memory. */
  onError(listener: (error: Error) => void): void;
}

/** @param start starts a thread */
export function openOnThread(start: () => OpeningThread): OpenElsewhere {
  return async (path, signal) => {
    if (signal.aborted) throw new CancelledError();
    const thread = start();
    const client = new Client<OpeningApi>(thread);
    const cancel = () => client.abandon(new CancelledError());
    signal.addEventListener('abort', cancel, { once: true });
    thread.onError((error) => client.abandon(whyEnded(error, path)));
    try {
      return await client.call('open', { path });
    } finally {
      signal.removeEventListener('abort', cancel);
      thread.end();
    }
  };
}

function whyEnded(error: Error, path: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new UserError(`${path} takes more memory to look at than there is.`)
    : error;
}
