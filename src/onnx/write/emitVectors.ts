import type { EncodedVectors } from '../../quant/EncodedTensor';
import { emitIndices } from './emitCodes';
import type { GraphFragment } from './GraphFragment';
import { floatTensor } from '../file/protos';
import type { WeightTarget } from './WeightTarget';

/**
 * codes -> Gather of the entries -> Reshape -> (Slice) -> Reshape -> (Transpose -> Reshape). The codebooks of the parts stand one after
 * the other, so that a part's code is counted from where its own begins.
 */
export function emitVectors(
  fragment: GraphFragment,
  { dimension, parts, bits, codes, codebooks, entries }: EncodedVectors,
  { shape, layout: { outer, channels, inner } }: WeightTarget,
): string {
  const vectors = codes.length / parts;
  const part = dimension / parts;
  const table = fragment.constant('codebook', (name) =>
    floatTensor(name, [parts * entries, part], codebooks),
  );
  let indices = emitIndices(fragment, { hint: 'codes', bits, codes, shape: [vectors, parts] });
  if (parts > 1) {
    const starts = Int32Array.from({ length: parts }, (_, i) => i * entries);
    indices = fragment.node('Add', [indices, fragment.shared('offsets', [parts], starts)]);
  }
  const count = outer * channels * inner;
  let weights = fragment.reshape(fragment.node('Gather', [table, indices]), [-1]);
  // The last vector may hold more than is left of the weight.
  if (vectors * dimension > count) weights = fragment.take(weights, 0, count);
  if (outer === 1) return fragment.reshape(weights, shape);
  const rows = fragment.reshape(weights, [channels, outer, inner]);
  return fragment.reshape(fragment.transpose(rows, [1, 0, 2]), shape);
}
