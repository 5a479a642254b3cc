import { chunkEnd, LAST_LANE, LaneSum } from './LaneSum';

/** Where weights come from and results go, as in `Kernel`. */
export interface RowsInMemory {
  readonly src: number;
  readonly rows: number;
  readonly cols: number;
  readonly codes: number;
  readonly values: number;
  readonly stats: number;
}

/** Quantizes row `r`, by one of the schemes. */
export type QuantizeRow = (
  r: number,
  row: Float32Array,
  values: Float32Array,
  codes: Uint8Array | null,
) => void;

/** Quantizes row after row and measures the errors: what all quantizing loops have in common. */
export function quantizeRows(
  { buffer }: WebAssembly.Memory,
  { src, rows, cols, codes, values, stats }: RowsInMemory,
  quantize: QuantizeRow,
): void {
  const unwanted = values ? null : new Float32Array(cols);
  for (let r = 0; r < rows; r++) {
    const row = new Float32Array(buffer, src + r * cols * 4, cols);
    const rowValues = unwanted ?? new Float32Array(buffer, values + r * cols * 4, cols);
    const rowCodes = codes ? new Uint8Array(buffer, codes + r * cols, cols) : null;
    quantize(r, row, rowValues, rowCodes);
    measure(row, rowValues, new Float64Array(buffer, stats + r * 24, 3));
  }
}

/** Sum of squared errors, sum of squared values and largest absolute error, into `stats`. */
function measure(row: Float32Array, values: Float32Array, stats: Float64Array): void {
  const noise = new LaneSum();
  const signal = new LaneSum();
  const { lanes: noiseLanes } = noise;
  const { lanes: signalLanes } = signal;
  let most = 0;
  for (let start = 0, end; start < row.length; start = end) {
    end = chunkEnd(start, row.length);
    for (let i = start; i < end; i++) {
      const value = values[i]!;
      const error = Math.fround(row[i]! - value);
      noiseLanes[i & LAST_LANE]! += Math.fround(error * error);
      signalLanes[i & LAST_LANE]! += Math.fround(value * value);
      if (Math.abs(error) > most) most = Math.abs(error);
    }
    noise.flush();
    signal.flush();
  }
  stats.set([noise.take(), signal.take(), most]);
}
