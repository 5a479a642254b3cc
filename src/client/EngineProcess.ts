import { fork, type ChildProcess } from 'node:child_process';
import type { EngineApi } from '../protocol/engineApi';
import { CancelledError, Client, type CallOptions } from '../base/rpc';
import { UserError } from '../base/UserError';

/** A cancelled job that has not ended after this is ended with its process. */
const CANCEL_GRACE_MS = 2000;
/** An idle process is stopped after this, and started again when needed. */
const IDLE_MS = 5 * 60_000;

export interface EngineProcessOptions {
  /** Path of the bundled worker program. */
  readonly worker: string;
  /** Gets what the process prints on stderr. */
  readonly log?: ((text: string) => void) | undefined;
}

export interface EngineCallOptions<Progress> extends CallOptions<Progress> {
  /** The process is ended if it neither reports progress nor finishes for so long, in milliseconds. */
  readonly silenceMs?: number | undefined;
}

/** One life of the process. */
interface Run {
  readonly child: ChildProcess;
  readonly client: Client<EngineApi>;
  readonly exited: Promise<unknown>;
  /** Why we ended it, if we did. */
  ending: Error | null;
}

/**
 * The engine in a process of its own, started on first use. A model that crashes it fails the calls under way with one
 * sentence; the next call starts a new process.
 */
export class EngineProcess {
  private run: Run | null = null;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: EngineProcessOptions) {}

  /** @throws UserError, CancelledError, or Error for a fault of ours */
  async call<K extends keyof EngineApi>(
    method: K,
    params: EngineApi[K]['params'],
    { signal, onProgress, silenceMs }: EngineCallOptions<EngineApi[K]['progress']> = {},
  ): Promise<EngineApi[K]['result']> {
    clearTimeout(this.idleTimer);
    const run = (this.run ??= this.start());
    const silence = new Timer(silenceMs, () =>
      this.end(
        run,
        new UserError(`onnxruntime did not finish within ${silenceMs! / 1000} s, so it was stopped.`),
      ),
    );
    const grace = new Timer(CANCEL_GRACE_MS, () => this.end(run, new CancelledError()));
    const onAbort = () => grace.restart();
    signal?.addEventListener('abort', onAbort, { once: true });
    silence.restart();
    try {
      return await run.client.call(method, params, {
        signal,
        onProgress: (value) => {
          silence.restart();
          onProgress?.(value);
        },
      });
    } finally {
      silence.stop();
      grace.stop();
      signal?.removeEventListener('abort', onAbort);
      if (!run.client.busy) this.idleTimer = setTimeout(() => void this.dispose(), IDLE_MS).unref();
    }
  }

  /** Ends the process and waits until it is gone; calls under way are cancelled. */
  async dispose(): Promise<void> {
    clearTimeout(this.idleTimer);
    const { run } = this;
    if (!run) return;
    this.end(run, new CancelledError());
    await run.exited;
  }

  private start(): Run {
    const child = fork(this.options.worker, [], {
      // Carries typed arrays as they are.
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const client = new Client<EngineApi>({
      post: (message) => void (child.connected && child.send(message as object)),
      listen: (listener) => void child.on('message', listener),
    });
    const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
    const run: Run = { child, client, exited, ending: null };
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.options.log?.(text));
    child.once('error', (error) => this.closed(run, error.message));
    child.once('exit', (code, signal) => this.closed(run, signal ?? `exit code ${code}`));
    return run;
  }

  private end(run: Run, reason: Error): void {
    run.ending ??= reason;
    if (this.run === run) this.run = null;
    run.child.kill('SIGKILL');
  }

  private closed(run: Run, how: string): void {
    if (this.run === run) this.run = null;
    const crash = `The engine's process ended unexpectedly (${how}); most likely the model crashes onnxruntime.`;
    run.client.abandon(run.ending ?? new UserError(crash));
  }
}

/** Calls `action` once `ms` after the last restart; never without `ms`. */
class Timer {
  private handle: NodeJS.Timeout | undefined;

  constructor(
    private readonly ms: number | undefined,
    private readonly action: () => void,
  ) {}

  restart(): void {
    this.stop();
    if (this.ms !== undefined) this.handle = setTimeout(this.action, this.ms);
  }

  stop(): void {
    clearTimeout(this.handle);
  }
}
