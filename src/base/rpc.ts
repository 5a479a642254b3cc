/**
 * Requests over any pair of message ports: calls with a typed result, progress on the way, cancellation, and errors that
 * arrive as errors. The same code joins webview and extension host, and extension host (or terminal) and worker.
 */
import { quoted } from './quoted';
import { UserError } from './UserError';

/** One end of a connection that delivers structured-clonable messages in order. */
export interface Port {
  post(message: unknown): void;
  /** Called once, before anything is posted. */
  listen(listener: (message: unknown) => void): void;
}

/** Parameters, progress and result of a method. An API is a record of these. */
export interface Method {
  params: unknown;
  progress: unknown;
  result: unknown;
}
export type Api<T> = { [K in keyof T]: Method };

/** Context of a call for its handler. */
export interface JobContext<Progress> {
  readonly signal: AbortSignal;
  progress(value: Progress): void;
}

export type Handlers<T extends Api<T>> = {
  [K in keyof T]: (
    params: T[K]['params'],
    context: JobContext<T[K]['progress']>,
  ) => Promise<T[K]['result']> | T[K]['result'];
};

export interface CallOptions<Progress> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((value: Progress) => void) | undefined;
}

/** Thrown on the calling side when a call was cancelled, and by jobs that notice their signal. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor() {
    super('Cancelled.');
  }
}

type Failure =
  | { readonly kind: 'user'; readonly message: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'fault'; readonly message: string; readonly stack: string };

type Message =
  | { readonly type: 'call'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'progress'; readonly id: number; readonly value: unknown }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly failure: Failure };

/** Answers calls that arrive at `port`. A method that is no own property of `handlers` is refused. */
export function serve<T extends Api<T>>(port: Port, handlers: Handlers<T>): void {
  const running = new Map<number, AbortController>();
  port.listen((raw) => {
    const message = raw as Message;
    if (message.type === 'cancel') running.get(message.id)?.abort();
    if (message.type === 'call') void answer(message);
  });

  async function answer(call: Extract<Message, { type: 'call' }>): Promise<void> {
    const { id, method } = call;
    const controller = new AbortController();
    running.set(id, controller);
    const context: JobContext<unknown> = {
      signal: controller.signal,
      progress: (value) => port.post({ type: 'progress', id, value } satisfies Message),
    };
    try {
      if (!Object.hasOwn(handlers, method)) throw new Error(`There is no method ${quoted(method)}.`);
      const value = await handlers[method as keyof T](call.params as never, context as never);
      port.post({ type: 'result', id, value } satisfies Message);
    } catch (error) {
      port.post({ type: 'failure', id, failure: toFailure(error) } satisfies Message);
    } finally {
      running.delete(id);
    }
  }
}

/** The calling side of a connection. */
export class Client<T extends Api<T>> {
  private nextId = 1;
  private readonly pending = new Map<
    number,
    {
      resolve(value: never): void;
      reject(error: Error): void;
      onProgress: ((value: never) => void) | undefined;
    }
  >();

  constructor(private readonly port: Port) {
    port.listen((raw) => this.receive(raw as Message));
  }

  /** Calls a method; rejects with UserError, CancelledError or, for a fault on the other side, Error. */
  call<K extends keyof T & string>(
    method: K,
    params: T[K]['params'],
    { signal, onProgress }: CallOptions<T[K]['progress']> = {},
  ): Promise<T[K]['result']> {
    if (signal?.aborted) return Promise.reject(new CancelledError());
    const id = this.nextId++;
    const cancel = () => this.port.post({ type: 'cancel', id } satisfies Message);
    signal?.addEventListener('abort', cancel, { once: true });
    return new Promise<T[K]['result']>((resolve, reject) => {
      this.pending.set(id, { resolve, reject, onProgress });
      this.port.post({ type: 'call', id, method, params } satisfies Message);
    }).finally(() => signal?.removeEventListener('abort', cancel));
  }

  /** Rejects every call under way, for a connection that broke. */
  abandon(error: Error): void {
    for (const call of this.pending.values()) call.reject(error);
    this.pending.clear();
  }

  get busy(): boolean {
    return this.pending.size > 0;
  }

  private receive(message: Message): void {
    const call = this.pending.get(message.id);
    if (!call) return;
    if (message.type === 'progress') call.onProgress?.(message.value as never);
    if (message.type === 'result') call.resolve(message.value as never);
    if (message.type === 'failure') call.reject(toError(message.failure));
    if (message.type !== 'progress') this.pending.delete(message.id);
  }
}

function toFailure(error: unknown): Failure {
  if (error instanceof CancelledError) return { kind: 'cancelled' };
  if (error instanceof UserError) return { kind: 'user', message: error.message };
  const fault = error instanceof Error ? error : new Error(String(error));
  return { kind: 'fault', message: fault.message, stack: fault.stack ?? '' };
}

function toError(failure: Failure): Error {
  if (failure.kind === 'cancelled') return new CancelledError();
  if (failure.kind === 'user') return new UserError(failure.message);
  const error = new Error(failure.message);
  error.stack = failure.stack;
  return error;
}
