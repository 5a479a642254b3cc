import { boundsOf } from '../../quant/schemes/levels';
import type { Quantizer } from '../../quant/Quantizer';
import type { Block } from './Block';

/** A weight that is its group's outermost level but for the scale's rounding is not clipped. */
const ROUNDING = 2 ** -20;

/** Counts the weights outside their group's lowest and highest level; of one channel only, if it is given. */
export class ClippedCount {
  count = 0;
  private readonly lowest: Float32Array;
  private readonly highest: Float32Array;

  constructor(
    private readonly quantizer: Quantizer,
    private readonly channel: number | null,
  ) {
    ({ lowest: this.lowest, highest: this.highest } = boundsOf(quantizer));
  }

  add(weights: Float32Array, { row, rows, cols }: Block): void {
    const { perRow, size } = this.quantizer.groups;
    for (let r = 0; r < rows; r++) {
      if (this.channel !== null && this.channel !== row + r) continue;
      if (perRow === 0) this.addGroup(weights.subarray(r * cols, (r + 1) * cols), 0);
      for (let j = 0; j < perRow; j++) {
        const end = Math.min((j + 1) * size, cols);
        this.addGroup(weights.subarray(r * cols + j * size, r * cols + end), (row + r) * perRow + j);
      }
    }
  }

  private addGroup(weights: Float32Array, group: number): void {
    const slack = ROUNDING * Math.max(-this.lowest[group]!, this.highest[group]!);
    const lowest = this.lowest[group]! - slack;
    const highest = this.highest[group]! + slack;
    let count = 0;
    for (let i = 0; i < weights.length; i++) if (weights[i]! < lowest || weights[i]! > highest) count++;
    this.count += count;
  }
}
