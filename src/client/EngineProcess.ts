import { fork, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { EngineApi } from '../protocol/engineApi';
import { CancelledError, Client, type CallOptions } from '../base/rpc';
import { UserError } from '../base/UserError';
import { explained } from '../files/systemError';
import { removeLeftovers } from '../files/temporaryFolder';
import { Timer } from './Timer';

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
  /** The error of its calls, if we ended it. */
  ending: Error | null;
}

/** The error of a call whose process was ended because of another call. */
class EndedForAnother extends Error {}

/**
 * The engine in a process of its own, started on first use. Callers need not know of its restarts: a job that does not end when it is
 * cancelled, or is silent for too long, is ended with its process, and the jobs beside it are begun anew in another one. A model
 * that crashes the process fails all jobs under way with one sentence; the next call starts a new process.
 */
export class EngineProcess {
  private run: Run | null = null;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: EngineProcessOptions) {}

  /**
   * Runs a job.
   * @throws UserError, CancelledError, or Error for a fault of ours
   */
  async call<K extends keyof EngineApi>(
    method: K,
    params: EngineApi[K]['params'],
    options: EngineCallOptions<EngineApi[K]['progress']> = {},
  ): Promise<EngineApi[K]['result']> {
    for (;;) {
      try {
        return await this.attempt(method, params, options);
      } catch (error) {
        // Whoever stops this program may have stopped the engine as well, and first.
        if (options.signal?.aborted) throw new CancelledError();
        if (!(error instanceof EndedForAnother)) throw error;
      }
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

  private async attempt<K extends keyof EngineApi>(
    method: K,
    params: EngineApi[K]['params'],
    { signal, onProgress, silenceMs }: EngineCallOptions<EngineApi[K]['progress']>,
  ): Promise<EngineApi[K]['result']> {
    clearTimeout(this.idleTimer);
    const run = (this.run ??= this.start());
    let reason: Error | null = null;
    const end = (why: Error) => {
      reason = why;
      this.end(run, new EndedForAnother());
    };
    const silence = new Timer(silenceMs, () =>
      end(new UserError(`onnxruntime did not finish within ${silenceMs! / 1000} s, so it was stopped.`)),
    );
    const grace = new Timer(CANCEL_GRACE_MS, () => end(new CancelledError()));
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
    } catch (error) {
      throw reason ?? error;
    } finally {
      silence.stop();
      grace.stop();
      signal?.removeEventListener('abort', onAbort);
      if (!run.client.busy) this.idleTimer = setTimeout(() => void this.dispose(), IDLE_MS).unref();
    }
  }

  private start(): Run {
    removeLeftovers(tmpdir());
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
    child.once('error', (error) => this.closed(run, explained(error) as Error));
    child.once('exit', (code, signal) => this.closed(run, new UserError(howItEnded(code, signal))));
    return run;
  }

  /** @param reason what its calls fail with */
  private end(run: Run, reason: Error): void {
    run.ending ??= reason;
    if (this.run === run) this.run = null;
    run.child.kill('SIGKILL');
  }

  private closed(run: Run, error: Error): void {
    if (this.run === run) this.run = null;
    removeLeftovers(tmpdir());
    run.client.abandon(run.ending ?? error);
  }
}

/** Signals by which users and systems end programs. */
const POLITE_SIGNALS: readonly (string | null)[] = ['SIGHUP', 'SIGINT', 'SIGTERM'];

function howItEnded(code: number | null, signal: string | null): string {
  if (POLITE_SIGNALS.includes(signal)) return `The engine's process was told to end (${signal}).`;
  if (signal === 'SIGKILL')
    return "The engine's process was killed (SIGKILL); most likely memory ran out: close other programs.";
  return `The engine's process ended unexpectedly (${signal ?? `exit code ${code}`}); most likely the model crashes onnxruntime.`;
}
