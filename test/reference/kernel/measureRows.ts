import { chunkEnd, inGroups, LAST_LANE, LaneSum } from './LaneSum';

/** Per row: sum of squared errors, sum of squared values and largest absolute error, into `stats`. */
export function measureRows(
  weights: Float32Array,
  values: Float32Array,
  rows: number,
  cols: number,
  stats: Float64Array,
): void {
  const noise = new LaneSum();
  const signal = new LaneSum();
  for (let r = 0; r < rows; r++) {
    stats[3 * r + 2] = measureRow(weights, values, r * cols, cols, noise, signal);
    stats[3 * r] = noise.take();
    stats[3 * r + 1] = signal.take();
  }
}

/** Adds the row from `first` on to the sums; returns the largest absolute error. */
function measureRow(
  weights: Float32Array,
  values: Float32Array,
  first: number,
  cols: number,
  noise: LaneSum,
  signal: LaneSum,
): number {
  const { lanes: noiseLanes } = noise;
  const { lanes: signalLanes } = signal;
  const groups = inGroups(cols);
  let most = 0;
  let i = 0;
  while (i < groups) {
    for (const end = chunkEnd(i, groups); i < end; i++) {
      const value = values[first + i]!;
      const error = Math.fround(weights[first + i]! - value);
      noiseLanes[i & LAST_LANE]! += Math.fround(error * error);
      signalLanes[i & LAST_LANE]! += Math.fround(value * value);
      if (Math.abs(error) > most) most = Math.abs(error);
    }
    noise.flush();
    signal.flush();
  }
  for (; i < cols; i++) {
    const value = values[first + i]!;
    const error = Math.fround(weights[first + i]! - value);
    noise.addRest(Math.fround(error * error));
    signal.addRest(Math.fround(value * value));
    if (Math.abs(error) > most) most = Math.abs(error);
  }
  return most;
}
