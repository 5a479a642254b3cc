const WIDTH = 30;

/** A bar on stderr where that is a terminal; silent elsewhere. */
export class ProgressBar {
  private shown = false;

  /** @param fraction 0 to 1 */
  update(label: string, fraction: number): void {
    if (!process.stderr.isTTY) return;
    const filled = Math.round(fraction * WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    process.stderr.write(`\r\x1b[K${bar} ${label}`);
    this.shown = true;
  }

  clear(): void {
    if (this.shown) process.stderr.write('\r\x1b[K');
    this.shown = false;
  }
}
