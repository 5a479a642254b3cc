import { measureRows } from './measureRows';

/** Where weights come from and results go, as in `Kernel`. */
export interface RowsInMemory {
  readonly src: number;
  readonly rows: number;
  readonly cols: number;
  readonly codes: number;
  readonly codeBytes: number;
  readonly values: number;
  readonly stats: number;
}

/** A row of weights to quantize, and where the results go: views of all rows, with the place of this one in them. */
export interface Row {
  readonly weights: Float32Array;
  readonly values: Float32Array;
  readonly codes: Uint8Array | Uint16Array | null;
  readonly first: number;
  readonly cols: number;
}

/** Quantizes row `r`, by one of the schemes. */
export type QuantizeRow = (r: number, row: Row) => void;

/** Quantizes row after row and measures the errors: what all quantizing loops have in common. */
export function quantizeRows(
  { buffer }: WebAssembly.Memory,
  { src, rows, cols, codes, codeBytes, values, stats }: RowsInMemory,
  quantize: QuantizeRow,
): void {
  const count = rows * cols;
  const weights = new Float32Array(buffer, src, count);
  const quantized = values ? new Float32Array(buffer, values, count) : new Float32Array(count);
  const Codes = codeBytes === 1 ? Uint8Array : Uint16Array;
  const coded = codes ? new Codes(buffer, codes, count) : null;
  for (let r = 0; r < rows; r++) {
    quantize(r, { weights, values: quantized, codes: coded, first: r * cols, cols });
  }
  measureRows(weights, quantized, rows, cols, new Float64Array(buffer, stats, rows * 3));
}
