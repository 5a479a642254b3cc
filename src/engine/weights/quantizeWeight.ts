import type { EncodedTensor } from '../../quant/EncodedTensor';
import { encode } from '../../quant/schemes/encode';
import { fitQuantizer } from '../../quant/schemes/fitQuantizer';
import type { Quantizer } from '../../quant/Quantizer';
import type { WeightError } from '../../core/measure/errors';
import type { SchemeId } from '../../core/scheme/scheme';
import { loopOf } from './loops';
import { ErrorAccumulator } from './ErrorAccumulator';
import { quantizingSpec } from './measureScheme';
import { openWeight } from './openWeight';
import { weightCount, type Weight } from './Weight';
import type { WeightKernel } from './WeightKernel';
import type { Pause } from '../../base/pauses';
import type { Block } from './Block';

/** A quantized weight with its error; or why it cannot be quantized. */
export type QuantizedWeight =
  { readonly tensor: EncodedTensor; readonly error: WeightError } | { readonly problem: string };

/** Quantizes a whole weight to codes, with the very loops that the analysis runs. */
export async function quantizeWeight(
  weightKernel: WeightKernel,
  weight: Weight,
  scheme: SchemeId,
  pause: Pause,
): Promise<QuantizedWeight> {
  const passes = openWeight(weightKernel, weight);
  if ('problem' in passes) return passes;
  const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
  const errors = new ErrorAccumulator(quantizer);
  const length = loopOf(quantizer).codeLength(quantizer, weightCount(weight));
  const codes = quantizer.bits > 8 ? new Uint16Array(length) : new Uint8Array(length);
  for (const block of passes.blocks()) {
    errors.add(weightKernel, block, weightKernel.quantize(block, quantizer, { codes: true }));
    place(weightKernel.codes(block, quantizer), codes, quantizer, weight, block);
  }
  return { tensor: encode(quantizer, codes), error: errors.result(passes.stats('channel')) };
}

type Codes = Uint8Array | Uint16Array;

/** Puts a block's codes where they stand in the tensor; vectors follow each other in row order. */
function place(source: Codes, target: Codes, quantizer: Quantizer, weight: Weight, block: Block): void {
  if (quantizer.kind === 'vector')
    target.set(source, loopOf(quantizer).codeLength(quantizer, block.row * block.cols));
  else placeRows(source, target, weight, block);
}

/** Puts a block's rows of codes or values where their weights stand in the tensor: the inverse of the kernel's `channelMajor`. */
export function placeRows<T extends Codes | Float32Array>(
  source: T,
  target: T,
  { layout }: Weight,
  block: Block,
): void {
  const { outer, channels, inner } = layout;
  for (let r = 0; r < block.rows; r++) {
    for (let o = 0; o < outer; o++) {
      const from = (r * outer + o) * inner;
      const to = (o * channels + block.row + r) * inner;
      if (inner === 1) target[to] = source[from]!;
      else target.set(source.subarray(from, from + inner), to);
    }
  }
}
