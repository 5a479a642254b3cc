import type { Kernel } from '../../kernel/Kernel';
import type { KernelMemory } from '../../kernel/KernelMemory';
import { ELEMENT_BYTES, type Weight } from './Weight';

/** Copies rows (output channels) out of the tensor's order to `weights`, and converts them to float32. */
export function copyRows(
  kernel: Kernel,
  memory: KernelMemory,
  { raw, floats, weights }: { readonly raw: number; readonly floats: number; readonly weights: number },
  { elementType, layout }: Weight,
  bytes: Uint8Array,
  row: number,
  rows: number,
): void {
  const { outer, channels, inner } = layout;
  const size = ELEMENT_BYTES[elementType];
  const run = rows * inner * size;
  const target = memory.uint8(raw, outer * run);
  for (let o = 0; o < outer; o++) {
    const start = (o * channels + row) * inner * size;
    target.set(bytes.subarray(start, start + run), o * run);
  }
  // With one outer index the rows are in order already, so that the conversion can write them where they belong.
  const converted = outer === 1 ? weights : floats;
  const count = outer * rows * inner;
  switch (elementType) {
    case 'float32':
      memory.uint8(converted, count * 4).set(target);
      break;
    case 'float16':
      kernel.halfToFloat(raw, converted, count);
      break;
    case 'bfloat16':
      kernel.bfloatToFloat(raw, converted, count);
      break;
    case 'float64':
      kernel.doubleToFloat(raw, converted, count);
  }
  if (outer > 1) kernel.channelMajor(converted, weights, outer, rows, inner);
}
