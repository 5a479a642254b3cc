const FLUSH = 1024;

const LANES = 16;

/** Element i of a row goes to lane i & LAST_LANE. */
export const LAST_LANE = LANES - 1;

/** A sum in the kernel's order, see `Kernel`: the loop adds float32 terms to the lanes and flushes after every chunk. */
export class LaneSum {
  readonly lanes = new Float32Array(LANES);
  private total = 0;

  /** Moves what the lanes hold to the float64 total. */
  flush(): void {
    let sum = 0;
    for (const lane of this.lanes) sum += lane;
    this.total += sum;
    this.lanes.fill(0);
  }

  /** The sum so far; the next one starts from nothing. */
  take(): number {
    const { total } = this;
    this.total = 0;
    return total;
  }
}

/**
 * Where the chunk that begins at `start` ends in a row of `count`: after 1,024 elements or with the last whole group of
 * lanes; from there on, each element is a chunk, so that it reaches the total by itself.
 */
export function chunkEnd(start: number, count: number): number {
  const groups = count & -LANES;
  return start < groups ? Math.min(start + FLUSH, groups) : start + 1;
}
