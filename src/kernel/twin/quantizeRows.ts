import { LaneSum } from './LaneSum';

/** What becomes of a weight: its code, and the float32 number that the code stands for. */
export interface QuantizeOne {
  code(x: number): number;
  value(x: number, code: number): number;
}

/** Where weights come from and results go, as in `Kernel`. */
export interface RowsInMemory {
  readonly src: number;
  readonly rows: number;
  readonly cols: number;
  readonly codes: number;
  readonly values: number;
  readonly stats: number;
}

/** Quantizes row after row and measures the errors; what all quantizing loops have in common. */
export function quantizeRows(
  memory: WebAssembly.Memory,
  { src, rows, cols, codes, values, stats }: RowsInMemory,
  quantizerOf: (row: number) => QuantizeOne,
): void {
  const { buffer } = memory;
  for (let r = 0; r < rows; r++) {
    const quantizer = quantizerOf(r);
    const row = new Float32Array(buffer, src + r * cols * 4, cols);
    const rowCodes = codes ? new Uint8Array(buffer, codes + r * cols, cols) : null;
    const rowValues = values ? new Float32Array(buffer, values + r * cols * 4, cols) : null;
    const noise = new LaneSum(cols);
    const quantized = new LaneSum(cols);
    let most = 0;
    for (let i = 0; i < cols; i++) {
      const x = row[i]!;
      const code = quantizer.code(x);
      const value = quantizer.value(x, code);
      const error = Math.fround(x - value);
      noise.add(i, Math.fround(error * error));
      quantized.add(i, Math.fround(value * value));
      if (Math.abs(error) > most) most = Math.abs(error);
      if (rowCodes) rowCodes[i] = code;
      if (rowValues) rowValues[i] = value;
    }
    new Float64Array(buffer, stats + r * 24, 3).set([noise.value, quantized.value, most]);
  }
}
