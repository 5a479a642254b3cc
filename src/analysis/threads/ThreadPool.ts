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
  async use<T>(job: (thread: KernelThread) => Promise<T>): Promise<T> {
    const thread = await this.acquire();
    try {
      return await job(thread);
    } finally {
      const next = this.waiting.shift();
      if (next) next(thread);
      else this.free.push(thread);
    }
  }

  private acquire(): KernelThread | Promise<KernelThread> {
    const free = this.free.pop();
    if (free) return free;
    if (this.threads.length < this.size) {
      const thread = new KernelThread(this.start);
      this.threads.push(thread);
      return thread;
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
