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
  const tensor = encoded(weightKernel, weight, quantizer, weight, (block, stats) =>
    errors.add(weightKernel, block, stats),
  );
  return { tensor, error: errors.result(passes.stats('channel')) };
}

/**
 * The codes of a weight that is rounded already.
 * @param values row after row, each a level of its group
 */
export function encodeRounded(
  weightKernel: WeightKernel,
  weight: Weight,
  quantizer: Quantizer,
  values: Float32Array,
): EncodedTensor {
  const { rows: channels, cols: inner } = quantizer.groups;
  const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const rounded: Weight = { elementType: 'float32', layout: { outer: 1, channels, inner }, content };
  return encoded(weightKernel, rounded, quantizer, weight);
}

/**
 * Quantizes the rows of a weight.
 * @param place the weight in whose tensor the codes take their places
 */
function encoded(
  weightKernel: WeightKernel,
  rows: Weight,
  quantizer: Quantizer,
  place: Weight,
  see: (block: Block, stats: Float64Array) => void = () => {},
): EncodedTensor {
  const length = loopOf(quantizer).codeLength(quantizer, weightCount(rows));
  const codes = quantizer.bits > 8 ? new Uint16Array(length) : new Uint8Array(length);
  for (const block of weightKernel.blocks(rows)) {
    see(block, weightKernel.quantize(block, quantizer, { codes: true }));
    placeCodes(weightKernel.codes(block, quantizer), codes, quantizer, place, block);
  }
  return encode(quantizer, codes);
}

type Codes = Uint8Array | Uint16Array;

/** Puts a block's codes where they stand in the tensor; vectors follow each other in row order. */
function placeCodes(source: Codes, target: Codes, quantizer: Quantizer, weight: Weight, block: Block): void {
  if (quantizer.kind === 'vector')
    target.set(source, loopOf(quantizer).codeLength(quantizer, block.row * block.cols));
  else placeRows(source, target, weight, block);
}

/** Puts a block's rows of codes or values where their weights stand in the tensor: the inverse of the kernel's `channelMajor`. */
export function placeRows<T extends Codes | Float32Array>(
  source: T,
  target: T,
  { layout }: Weight,
  block: Pick<Block, 'row' | 'rows'>,
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
