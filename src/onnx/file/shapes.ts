import type { TensorProto } from 'onnx-buf';
import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';

/** No tensor of a model that fits any machine has more elements; products below it are exact in JavaScript. */
const MAX_ELEMENTS = 2n ** 48n;
/** More axes than any runtime takes; bounds what a hostile file can make us work. */
export const MAX_AXES = 64;

/** @throws UserError if a dimension is negative, the product overflows, or there are too many axes */
export function tensorShape({ name, dims }: Pick<TensorProto, 'name' | 'dims'>): number[] {
  if (dims.length > MAX_AXES)
    throw new UserError(
      `The tensor ${quoted(name)} has ${dims.length} dimensions, more than any runtime takes.`,
    );
  let elements = 1n;
  for (const size of dims) {
    if (size < 0n) throw new UserError(`The tensor ${quoted(name)} has the negative dimension ${size}.`);
    elements *= size;
    // A dimension of 0 must not hide one that is no JavaScript integer.
    if (elements > MAX_ELEMENTS || size > MAX_ELEMENTS)
      throw new UserError(
        `The tensor ${quoted(name)} has more elements than any model: [${dims.join(', ')}].`,
      );
  }
  return dims.map(Number);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
