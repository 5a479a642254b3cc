import { Client, type CallOptions, type Port } from '../../base/rpc';
import type { Weight } from '../weights/Weight';
import type { ThreadApi } from './ThreadApi';

/** Starts a thread that serves `createThread`. */
export type StartThread = () => Port;

type Job = Exclude<keyof ThreadApi, 'hold'>;

/**
 * A kernel thread as the main thread sees it. Jobs run one after the other, as they share the thread's memory; a weight's bytes are
 * sent only if the thread does not hold them still.
 */
export class KernelThread {
  private readonly client: Client<ThreadApi>;
  private held: Weight | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(start: StartThread) {
    this.client = new Client<ThreadApi>(start());
  }

  /** Runs a job on a weight, after those before it. */
  run<K extends Job>(
    weight: Weight,
    job: K,
    params: ThreadApi[K]['params'],
    options: CallOptions<ThreadApi[K]['progress']>,
  ): Promise<ThreadApi[K]['result']> {
    const result = this.last.then(async () => {
      await this.hold(weight);
      return this.client.call(job, params, options);
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  private async hold(weight: Weight): Promise<void> {
    if (this.held === weight) return;
    await this.client.call('hold', weight);
    this.held = weight;
  }
}
