import { KernelThread, type StartThread } from './KernelThread';

/** Some kernel threads that take jobs as they become free. They are started on first use and end with the process. */
export class ThreadPool {
  private readonly threads: KernelThread[] = [];
  private readonly free: KernelThread[] = [];
  private readonly waiting: ((thread: KernelThread) => void)[] = [];

  /** @param size threads at most */
  constructor(
    private readonly start: StartThread,
    readonly size: number,
  ) {}

  /** Runs a job on the first thread that is free. */
  use<T>(job: (thread: KernelThread) => Promise<T>): Promise<T> {
    return this.runOn(
      this.acquire((taken) => this.waiting.push(taken)),
      job,
    );
  }

  /** Runs a job before all that wait. */
  useNext<T>(job: (thread: KernelThread) => Promise<T>): Promise<T> {
    return this.runOn(
      this.acquire((taken) => this.waiting.unshift(taken)),
      job,
    );
  }

  private async runOn<T>(
    acquired: KernelThread | Promise<KernelThread>,
    job: (thread: KernelThread) => Promise<T>,
  ): Promise<T> {
    const thread = await acquired;
    try {
      return await job(thread);
    } finally {
      const next = this.waiting.shift();
      if (next) next(thread);
      else this.free.push(thread);
    }
  }

  private acquire(
    wait: (taken: (thread: KernelThread) => void) => void,
  ): KernelThread | Promise<KernelThread> {
    const free = this.free.pop();
    if (free) return free;
    if (this.threads.length < this.size) {
      const thread = new KernelThread(this.start);
      this.threads.push(thread);
      return thread;
    }
    return new Promise(wait);
  }
}
