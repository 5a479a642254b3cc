import type { ChannelLayout } from '../../core/scheme/ChannelLayout';

/** Magnitudes of an activation, channel by channel, over all samples that were added. */
export class ChannelStats {
  private readonly most: Float64Array;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private count = 0;

  constructor(readonly channels: number) {
    this.most = new Float64Array(channels);
    this.sums = new Float64Array(channels);
    this.squares = new Float64Array(channels);
  }

  /** Largest magnitude of each channel. */
  get maximum(): Float64Array {
    return this.most;
  }

  /** Mean magnitude of each channel. */
  get mean(): Float64Array {
    return this.sums.map((sum) => (this.count === 0 ? 0 : sum / this.count));
  }

  /** Mean square of each channel. */
  get meanSquare(): Float64Array {
    return this.squares.map((sum) => (this.count === 0 ? 0 : sum / this.count));
  }

  /** @param layout of as many channels */
  add(values: ArrayLike<number>, { outer, channels, inner }: ChannelLayout): void {
    let at = 0;
    for (let o = 0; o < outer; o++)
      for (let c = 0; c < channels; c++) {
        let [most, sum, squares] = [0, 0, 0];
        for (const end = at + inner; at < end; at++) {
          const magnitude = Math.abs(values[at]!);
          if (magnitude > most) most = magnitude;
          sum += magnitude;
          squares += magnitude * magnitude;
        }
        this.most[c] = Math.max(this.most[c]!, most);
        this.sums[c]! += sum;
        this.squares[c]! += squares;
      }
    this.count += outer * inner;
  }
}
