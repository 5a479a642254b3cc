import type { EncodedTensor } from '../quant/EncodedTensor';
import { encode } from '../quant/encode';
import { SCHEMES } from '../quant/Scheme';
import type { WeightError } from '../shared/measures';
import type { QuantizingSchemeId } from '../shared/scheme';
import { ErrorAccumulator } from './ErrorAccumulator';
import { rowStats } from './rowStats';
import { weightCount, type Weight } from './Weight';
import type { Block, Workbench } from './Workbench';

/** A quantized weight with its error; or why it cannot be quantized. */
export type QuantizedWeight =
  { readonly tensor: EncodedTensor; readonly error: WeightError } | { readonly problem: string };

/** Quantizes a whole weight to codes in tensor order, with the very loops that the analysis runs. */
export function quantizeWeight(
  bench: Workbench,
  weight: Weight,
  scheme: QuantizingSchemeId,
): QuantizedWeight {
  const count = weightCount(weight);
  const stats = rowStats(bench, weight);
  if ('problem' in stats) return stats;
  const quantizer = SCHEMES[scheme](stats);
  const errors = new ErrorAccumulator();
  const codes = new Uint8Array(count);
  for (const block of bench.blocks(weight)) {
    errors.add(bench.quantize(block, quantizer, { codes: true }));
    placeRows(bench.codes(block), codes, weight, block);
  }
  return { tensor: encode(quantizer, codes), error: errors.result(stats, quantizer) };
}

/** Puts rows of codes where their weights stand in the tensor: the inverse of the kernel's `channelMajor`. */
function placeRows(source: Uint8Array, target: Uint8Array, { layout }: Weight, block: Block): void {
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
