import type { LayerView } from '../shared/measures';
import type { Block, Workbench } from './Workbench';

/** The weight matrix's absolute errors, downsampled by their maximum, so that no bad spot hides. */
export class ErrorMap {
  private readonly rows: number;
  private readonly columns: number;
  private readonly values: Float32Array;

  /** @param mostRows size of the map at most; a smaller matrix gets a tile per weight */
  constructor(
    private readonly matrixRows: number,
    private readonly matrixColumns: number,
    mostRows: number,
    mostColumns: number,
  ) {
    this.rows = Math.min(matrixRows, mostRows);
    this.columns = Math.min(matrixColumns, mostColumns);
    this.values = new Float32Array(this.rows * this.columns);
  }

  /** Adds a block whose quantized values the workbench holds. */
  add(bench: Workbench, { row, rows, cols }: Block): void {
    const { values, columns, matrixRows, matrixColumns } = this;
    for (let r = 0; r < rows; r++) {
      const mapRow = Math.floor(((row + r) * this.rows) / matrixRows);
      for (let column = 0; column < columns; column++) {
        const from = Math.ceil((column * matrixColumns) / columns);
        const to = Math.ceil(((column + 1) * matrixColumns) / columns);
        const index = mapRow * columns + column;
        values[index] = Math.max(values[index]!, bench.maxAbsError(r * cols + from, to - from));
      }
    }
  }

  result(): LayerView['errorMap'] {
    const { rows, columns, values, matrixRows, matrixColumns } = this;
    return { rows, columns, values, matrixRows, matrixColumns };
  }
}
