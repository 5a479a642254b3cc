import type { Kernel } from '../../kernel/Kernel';
import type { KernelMemory } from '../../kernel/KernelMemory';
import type { Panel } from './readRows';
import { ELEMENT_BYTES, type Weight } from './Weight';

/** Areas of the kernel's memory that rows go through; `raw` and `floats` where the tensor's type or order makes it necessary. */
export interface RowAreas {
  readonly raw: number;
  readonly floats: number;
  readonly weights: number;
}

/** Bytes that `raw` and `floats` need for so many weights. */
export function detourBytes({ elementType, layout }: Weight, count: number): { raw: number; floats: number } {
  return {
    raw: elementType === 'float32' ? 0 : count * ELEMENT_BYTES[elementType],
    floats: layout.outer === 1 ? 0 : count * 4,
  };
}

/** Copies rows (output channels) out of the tensor's order to `weights`, and converts them to float32. */
export function copyRows(
  kernel: Kernel,
  memory: KernelMemory,
  { raw, floats, weights }: RowAreas,
  { elementType, layout }: Weight,
  panel: Panel,
  row: number,
  rows: number,
): void {
  const { outer, inner } = layout;
  // With one outer index the rows are in order already, so that the conversion can write them where they belong.
  const converted = outer === 1 ? weights : floats;
  const size = ELEMENT_BYTES[elementType];
  const run = rows * inner * size;
  const target = memory.uint8(elementType === 'float32' ? converted : raw, outer * run);
  for (let o = 0; o < outer; o++) {
    const start = (o * panel.rows + row - panel.row) * inner * size;
    target.set(panel.bytes.subarray(start, start + run), o * run);
  }
  const count = outer * rows * inner;
  if (elementType === 'float16') kernel.halfToFloat(raw, converted, count);
  if (elementType === 'bfloat16') kernel.bfloatToFloat(raw, converted, count);
  if (elementType === 'float64') kernel.doubleToFloat(raw, converted, count);
  if (outer > 1) kernel.channelMajor(converted, weights, outer, rows, inner);
}
