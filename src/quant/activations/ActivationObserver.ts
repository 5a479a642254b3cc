import { ActivationHistogram, type HistogramState } from './ActivationHistogram';

export interface ObserverState {
  readonly histogram: HistogramState;
  readonly samples: number;
  readonly count: number;
  readonly notFinite: number;
  readonly least: number;
  readonly greatest: number;
  readonly sumLeast: number;
  readonly sumGreatest: number;
  readonly sumAbs: number;
  readonly sumSquares: number;
}

const SUMS = [
  ...(['samples', 'count', 'notFinite', 'sumLeast', 'sumGreatest'] as const),
  ...(['sumAbs', 'sumSquares'] as const),
];

/**
 * Statistics of one activation tensor over samples, in a few kilobytes whatever their number. Two observers of different
 * samples merge into what one would have seen of all.
 */
export class ActivationObserver {
  private histogram = new ActivationHistogram();
  samples = 0;
  /** Finite values. */
  count = 0;
  /** NaN and infinities, which nothing else here counts. */
  notFinite = 0;
  least = Infinity;
  greatest = -Infinity;
  /** Of each sample's least and greatest value. */
  private sumLeast = 0;
  private sumGreatest = 0;
  sumAbs = 0;
  sumSquares = 0;

  /** Adds the tensor's values in one sample. */
  add(values: ArrayLike<number>): void {
    const finite = new Float64Array(values.length);
    let count = 0;
    let [least, greatest] = [Infinity, -Infinity];
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      finite[count++] = value;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
      this.sumAbs += Math.abs(value);
      this.sumSquares += value * value;
    }
    this.samples++;
    this.count += count;
    this.notFinite += values.length - count;
    if (count === 0) return;
    this.histogram.add(finite.subarray(0, count), Math.max(-least, greatest));
    this.least = Math.min(this.least, least);
    this.greatest = Math.max(this.greatest, greatest);
    this.sumLeast += least;
    this.sumGreatest += greatest;
  }

  /** Mean of the samples' least and greatest values: a moving average (Jacob et al. 2017, section 3.1) with all samples in its window. */
  get average(): { readonly least: number; readonly greatest: number } {
    return { least: this.sumLeast / this.samples, greatest: this.sumGreatest / this.samples };
  }

  /** Calls back with the ends of each filled bin of the values' histogram, and its count. */
  forEachBin(visit: (from: number, to: number, count: number) => void): void {
    this.histogram.forEach(visit);
  }

  /** An observer that has seen what both saw. */
  mergedWith(other: ActivationObserver): ActivationObserver {
    const merged = ActivationObserver.from(this.state);
    merged.histogram.merge(other.histogram);
    for (const sum of SUMS) merged[sum] += other[sum];
    merged.least = Math.min(this.least, other.least);
    merged.greatest = Math.max(this.greatest, other.greatest);
    return merged;
  }

  get state(): ObserverState {
    const { samples, count, notFinite, least, greatest, sumLeast, sumGreatest, sumAbs, sumSquares } = this;
    const sums = { sumLeast, sumGreatest, sumAbs, sumSquares };
    return { histogram: this.histogram.state, samples, count, notFinite, least, greatest, ...sums };
  }

  static from({ histogram, ...rest }: ObserverState): ActivationObserver {
    const observer = new ActivationObserver();
    return Object.assign(observer, rest, { histogram: ActivationHistogram.from(histogram) });
  }
}
