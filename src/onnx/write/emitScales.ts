/** Scales and zero points, and how they are applied to numbers where DequantizeLinear does not do it. */
import { TensorProto_DataType as DataType } from 'onnx-buf';
import type { EncodedScalars, EncodedScales } from '../../quant/EncodedTensor';
import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import { exponentValues } from './codeValues';
import { emitNumbers } from './emitCodes';
import type { GraphFragment } from './GraphFragment';
import { floatTensor, makeTensor } from '../file/protos';
import type { Stored } from './Stored';

/** How many blocks each channel is cut into; null where a scale is for whole channels or the tensor. */
export function blocksPerChannel(
  { values, block }: EncodedScales,
  { channels }: ChannelLayout,
): number | null {
  // One block that holds the whole channel is no block.
  return block === null || values.length === channels ? null : values.length / channels;
}

/** numbers -> (Sub) -> Mul, both in float32 */
export function emitScaled(
  fragment: GraphFragment,
  numbers: string,
  { bits, numbers: kind, scales }: EncodedScalars & { readonly scales: EncodedScales },
  stored: Stored,
  layout: ChannelLayout,
): string {
  const { values } = scales;
  const blocks = blocksPerChannel(scales, layout);
  const { channels } = layout;
  // One number per channel, broadcast over the axes behind the channels' own.
  const perChannel = () => [channels, ...stored.shape.slice(stored.axis + 1).map(() => 1)];
  const dims = blocks !== null ? [channels, blocks, 1] : values.length > 1 ? perChannel() : [];
  const spread = (value: string) =>
    blocks === null ? value : spreadBlocks(fragment, value, scales.block!, blocks, stored, layout);
  let value = numbers;
  if (kind.kind === 'integer' && kind.zeroPoints) {
    const codes = { hint: 'zero_point', bits, codes: kind.zeroPoints, shape: dims };
    value = fragment.node('Sub', [value, spread(emitNumbers(fragment, codes, kind, 0))]);
  }
  return fragment.node('Mul', [value, spread(emitScaleValues(fragment, values, dims))]);
}

/** Scales as float32: a constant, or powers of two looked up by their exponents. */
export function emitScaleValues(
  fragment: GraphFragment,
  values: EncodedScales['values'],
  dims: readonly number[],
): string {
  if (values instanceof Float32Array)
    return fragment.constant('scale', (name) => floatTensor(name, dims, values));
  const exponents = fragment.constant('scale', (name) => makeTensor(name, DataType.UINT8, dims, values));
  return fragment.node('Gather', [
    fragment.shared('powers_of_two', [256], exponentValues()),
    fragment.cast(exponents, DataType.INT32),
  ]);
}

/** A number per block [channels, blocks, 1] -> Tile -> Reshape -> (Slice) -> (Transpose) -> Reshape: a number per weight. */
function spreadBlocks(
  fragment: GraphFragment,
  input: string,
  block: number,
  blocks: number,
  stored: Stored,
  { outer, channels, inner }: ChannelLayout,
): string {
  const columns = outer * inner;
  const rows = fragment.reshape(fragment.tile(input, [1, 1, block]), [channels, -1]);
  // The last block of a channel may be short.
  const exact = blocks * block === columns ? rows : fragment.take(rows, 1, columns);
  if (outer === 1) return fragment.reshape(exact, stored.shape);
  return fragment.reshape(
    fragment.transpose(fragment.reshape(exact, [channels, outer, inner]), [1, 0, 2]),
    stored.shape,
  );
}
