/** Does one thing at a time; of what was asked for meanwhile, only the last. So that dragging never makes a queue. */
export class LatestOnly<T> {
  private running = false;
  private next: { readonly job: T } | null = null;

  /** @param run must not reject */
  constructor(private readonly run: (job: T) => Promise<void>) {}

  ask(job: T): void {
    this.next = { job };
    if (!this.running) void this.work();
  }

  private async work(): Promise<void> {
    this.running = true;
    while (this.next) {
      const { job } = this.next;
      this.next = null;
      await this.run(job);
    }
    this.running = false;
  }
}
