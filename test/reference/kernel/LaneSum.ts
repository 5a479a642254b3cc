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
    for (let i = 0; i < 4; i++) sum += this.quarter(i);
    this.total += sum;
    this.lanes.fill(0);
  }

  /** Adds a term of the rest of a row, which has no lanes. */
  addRest(term: number): void {
    this.total += term;
  }

  /** The sum so far; the next one starts from nothing. */
  take(): number {
    const { total } = this;
    this.total = 0;
    return total;
  }

  /** Every fourth lane from lane i on. */
  private quarter(i: number): number {
    const { lanes } = this;
    const low = Math.fround(lanes[i]! + lanes[i + 4]!);
    return Math.fround(low + Math.fround(lanes[i + 8]! + lanes[i + 12]!));
  }
}

/** How many of a row's elements are in whole groups of lanes. */
export function inGroups(count: number): number {
  return count & -LANES;
}

/** Where the chunk that begins at `start` ends, if `groups` elements are in whole groups: there, the lanes are flushed. */
export function chunkEnd(start: number, groups: number): number {
  return Math.min(start + FLUSH, groups);
}
