/** Calls `action` once `ms` after the last restart; never without `ms`. */
export class Timer {
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
