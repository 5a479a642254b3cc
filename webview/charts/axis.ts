/** A linear axis: weights of a chart onto its pixels. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  /** Pixels of `from` and `to`. */
  readonly start: number;
  readonly end: number;
}

export function place({ from, to, start, end }: Axis, value: number): number {
  return start + ((value - from) / (to - from)) * (end - start);
}

/** Round values inside the axis, about `count` of them: multiples of 1, 2 or 5 times a power of ten. */
export function ticks({ from, to }: Axis, count: number): readonly number[] {
  const rough = (to - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.99)!;
  const first = Math.ceil(from / step);
  const length = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, length) }, (_, i) => (first + i) * step);
}
