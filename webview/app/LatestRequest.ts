import { CancelledError } from '../../src/base/rpc';

interface Options<Request, Answer> {
  send(request: Request, signal: AbortSignal): Promise<Answer>;
  /** Whether a request takes so long that it is cancelled for the sake of a newer one. */
  isLong(request: Request): boolean;
  answered(request: Request, answer: Answer): void;
  failed(request: Request, error: Error): void;
}

/**
 * Requests of which only the newest matters: one is under way, and when it is answered, the newest of those asked for
 * meanwhile follows. So whoever drags sees as many answers as can be had, and none is queued behind others.
 */
export class LatestRequest<Request, Answer> {
  private running: { readonly request: Request; readonly abort: AbortController } | null = null;
  private next: Request | null = null;

  constructor(private readonly options: Options<Request, Answer>) {}

  ask(request: Request): void {
    if (!this.running) return void this.run(request);
    this.next = request;
    if (this.options.isLong(this.running.request)) this.running.abort.abort();
  }

  private async run(request: Request): Promise<void> {
    const { send, answered, failed } = this.options;
    const abort = new AbortController();
    this.running = { request, abort };
    try {
      answered(request, await send(request, abort.signal));
    } catch (error) {
      if (!(error instanceof CancelledError)) failed(request, error as Error);
    }
    this.running = null;
    const { next } = this;
    this.next = null;
    if (next !== null) void this.run(next);
  }
}
