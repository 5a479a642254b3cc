/** Bins over the whole range, an even number. */
const BINS = 4096;
/** The range of the first values: tiny, so that it soon fits. A power of two. */
const FIRST_REACH = 2 ** -40;

/** The statistics of an observed tensor as plain data: for another process, or for the next part of the samples. */
export interface HistogramState {
  readonly reach: number;
  readonly zeros: number;
  readonly counts: Float64Array;
}

/**
 * Counts of values that arrive bit by bit, in memory that does not grow: bins evenly from -reach to reach, which is a power of two and doubles
 * when a value lies beyond. Then neighbours become one, so that no count is lost and the order of values does not matter. Zeros are counted apart: after
 * a ReLU they are most of the values, and as every range represents zero exactly, taking them for anything else in their bin would invent noise.
 */
export class ActivationHistogram {
  private reach = FIRST_REACH;
  private zeros = 0;
  private counts = new Float64Array(BINS);

  /** Half the width of the range. */
  get state(): HistogramState {
    return { reach: this.reach, zeros: this.zeros, counts: this.counts.slice() };
  }

  static from({ reach, zeros, counts }: HistogramState): ActivationHistogram {
    const histogram = new ActivationHistogram();
    histogram.reach = reach;
    histogram.zeros = zeros;
    histogram.counts = counts.slice();
    return histogram;
  }

  /** @param values finite ones @param largest of their magnitudes */
  add(values: ArrayLike<number>, largest: number): void {
    let doublings = 0;
    while (largest >= this.reach * 2 ** doublings) doublings++;
    this.widen(doublings);
    const perUnit = BINS / 2 / this.reach;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value === 0) this.zeros++;
      else this.counts[Math.floor(value * perUnit) + BINS / 2]!++;
    }
  }

  /** Adds what another one counted. */
  merge(other: ActivationHistogram): void {
    this.widen(Math.max(0, Math.round(Math.log2(other.reach / this.reach))));
    const added = ActivationHistogram.from(other.state);
    added.widen(Math.round(Math.log2(this.reach / other.reach)));
    added.counts.forEach((count, bin) => (this.counts[bin]! += count));
    this.zeros += other.zeros;
  }

  /** Calls back with the ends of each bin that holds values, and how many; first with 0 and 0 for the zeros. */
  forEach(visit: (from: number, to: number, count: number) => void): void {
    if (this.zeros > 0) visit(0, 0, this.zeros);
    const width = (2 * this.reach) / BINS;
    this.counts.forEach((count, bin) => {
      if (count > 0) visit((bin - BINS / 2) * width, (bin + 1 - BINS / 2) * width, count);
    });
  }

  private widen(doublings: number): void {
    if (doublings === 0) return;
    const wider = new Float64Array(BINS);
    // Counted from zero, 2^doublings neighbours fall into one bin; a shift by more than 31 would begin anew.
    const shift = Math.min(doublings, 31);
    this.counts.forEach((count, bin) => (wider[((bin - BINS / 2) >> shift) + BINS / 2]! += count));
    this.counts = wider;
    this.reach *= 2 ** doublings;
  }
}
