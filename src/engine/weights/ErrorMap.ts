import type { LayerView } from '../../core/measure/layerView';
import type { WeightKernel } from './WeightKernel';
import type { Block } from './Block';

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
  add(weightKernel: WeightKernel, block: Block): void {
    // Below some width of a tile, calling the kernel for it costs more than a plain loop.
    if (this.matrixColumns / this.columns >= 16) this.addTiles(weightKernel, block);
    else this.addWeights(weightKernel.weights(block), weightKernel.values(block), block);
  }

  private addTiles(weightKernel: WeightKernel, block: Block): void {
    const { row, rows, cols } = block;
    const { values, columns, matrixColumns } = this;
    for (let r = 0; r < rows; r++) {
      const start = this.mapRow(row + r) * columns;
      for (let column = 0; column < columns; column++) {
        const from = Math.ceil((column * matrixColumns) / columns);
        const to = Math.ceil(((column + 1) * matrixColumns) / columns);
        const error = weightKernel.maxAbsError(block, r * cols + from, to - from);
        if (error > values[start + column]!) values[start + column] = error;
      }
    }
  }

  private addWeights(weights: Float32Array, quantized: Float32Array, { row, rows, cols }: Block): void {
    const { values, columns } = this;
    const tileOf = Uint16Array.from({ length: cols }, (_, i) => Math.floor((i * columns) / cols));
    for (let r = 0; r < rows; r++) {
      const start = this.mapRow(row + r) * columns;
      for (let i = 0; i < cols; i++) {
        const error = Math.abs(weights[r * cols + i]! - quantized[r * cols + i]!);
        const tile = start + tileOf[i]!;
        if (error > values[tile]!) values[tile] = error;
      }
    }
  }

  private mapRow(row: number): number {
    return Math.floor((row * this.rows) / this.matrixRows);
  }

  result(): LayerView['errorMap'] {
    const { rows, columns, values, matrixRows, matrixColumns } = this;
    return { rows, columns, values, matrixRows, matrixColumns };
  }
}
