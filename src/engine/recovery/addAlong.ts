import type { Tensor } from 'onnxruntime-node';
import { toTensor, valueOf } from '../runtime/RuntimeModel';

/** A tensor of floats with a number added to all elements that have the same index along an axis. */
export function addAlong(
  tensor: Tensor,
  { added, axis }: { readonly added: Float32Array; readonly axis: number },
): Tensor {
  const { type, shape, data } = valueOf(tensor);
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const values = Float32Array.from(data as ArrayLike<number>);
  for (let start = 0, c = 0; start < values.length; start += inner, c = (c + 1) % added.length)
    for (let i = start; i < start + inner; i++) values[i]! += added[c]!;
  return toTensor({ type, shape, data: values });
}
