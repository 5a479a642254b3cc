/** Where the elements of a weight are, once nodes that only move elements have moved them. */
import type { NodeProto } from 'onnx-buf';
import { elementCount, tensorShape } from '../file/shapes';
import { attribute, intOf } from '../graph/nodes';
import type { ConstantTensor, Scope } from '../graph/Scope';
import type { ShapeOf } from '../read/movedShapes';

/** A moved tensor: of each of its elements, the index of the weight's element that it is; -1 of another constant's. */
export interface MovedElements {
  readonly shape: readonly number[];
  readonly indices: Int32Array;
}

/** Weights of more elements are not followed. */
const MAX_ELEMENTS = 2 ** 24;
/** Nodes between a weight and its user. */
const MAX_DEPTH = 16;

/**
 * Follows a weight through Identity, Cast, Transpose, Reshape and their like, Slice and Concat.
 * @param name of a constant value in `scope`
 * @returns null if it is moved by other means, or the model does not say how
 */
export function movedElements(
  weight: ConstantTensor,
  scope: Scope,
  name: string,
  shapeOf: ShapeOf,
  depth = 0,
): MovedElements | null {
  const definition = scope.resolve(name);
  if (!definition || depth > MAX_DEPTH) return null;
  if (definition.kind === 'constant') {
    const { tensor, sparse } = definition.constant;
    if (sparse) return null;
    const shape = tensorShape(tensor);
    const count = elementCount(shape);
    if (count > MAX_ELEMENTS) return null;
    const indices = new Int32Array(count).fill(-1);
    if (definition.constant.tensor === weight.tensor) indices.forEach((_, i) => (indices[i] = i));
    return { shape, indices };
  }
  if (definition.kind !== 'node') return null;
  const { node, scope: home } = definition;
  const inputs = node.opType === 'Concat' ? node.input : node.input.slice(0, 1);
  const sources = inputs.map((input) => movedElements(weight, home, input, shapeOf, depth + 1));
  if (!sources.every((source) => source !== null)) return null;
  const [source] = sources;
  if (!source) return null;
  switch (node.opType) {
    case 'Transpose':
      return transposed(node, source);
    case 'Slice':
      return sliced(node, home, source);
    case 'Concat':
      return joined(intOf(node, 'axis'), sources);
    case 'Split':
    case 'Expand':
      return null;
    default: {
      const shape = shapeOf(definition) ?? reshapedLike(node, home, source.shape);
      return shape && { shape, indices: source.indices };
    }
  }
}

/** Shapes that follow where Slice or Concat came before, whose shapes nobody else follows. */
function reshapedLike(node: NodeProto, scope: Scope, shape: readonly number[]): readonly number[] | null {
  if (node.opType === 'Identity' || node.opType === 'Cast') return shape;
  if (node.opType !== 'Unsqueeze') return null;
  const axes = attribute(node, 'axes')?.ints.map(Number) ?? scope.ints(node.input[1]);
  return axes?.length === 1 && axes[0] === 0 ? [1, ...shape] : null;
}

function transposed(node: NodeProto, { shape, indices }: MovedElements): MovedElements | null {
  const perm = attribute(node, 'perm')?.ints.map(Number) ?? [...shape.keys()].reverse();
  if (perm.length !== shape.length || new Set(perm).size !== perm.length) return null;
  if (perm.some((axis) => shape[axis] === undefined)) return null;
  const strides = stridesOf(shape);
  return gathered(
    perm.map((axis) => shape[axis]!),
    perm.map((axis) => strides[axis]!),
    0,
    indices,
  );
}

/** Of opset 10 on, where what is cut is said by inputs. */
function sliced(node: NodeProto, scope: Scope, { shape, indices }: MovedElements): MovedElements | null {
  const [starts, ends, given, steps] = [1, 2, 3, 4].map((input) => scope.ints(node.input[input]));
  if (!starts || !ends || (node.input[3] && !given) || (node.input[4] && !steps)) return null;
  const strides = stridesOf(shape);
  const sizes = [...shape];
  let from = 0;
  for (const [i, start] of starts.entries()) {
    const axis = (given?.[i] ?? i) + ((given?.[i] ?? 0) < 0 ? shape.length : 0);
    const size = shape[axis];
    if (size === undefined || (steps?.[i] ?? 1) !== 1) return null;
    const place = (at: number) => Math.max(0, Math.min(size, at < 0 ? at + size : at));
    const first = place(start);
    sizes[axis] = Math.max(0, place(ends[i] ?? size) - first);
    from += first * strides[axis]!;
  }
  return gathered(sizes, strides, from, indices);
}

function joined(axis: number, parts: readonly (MovedElements | null)[]): MovedElements | null {
  const found = parts.filter((part) => part !== null);
  const rank = found[0]!.shape.length;
  const at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank) return null;
  const alike = ({ shape }: MovedElements) =>
    shape.length === rank && shape.every((size, i) => i === at || size === found[0]!.shape[i]);
  if (!found.every(alike)) return null;
  const shape = found[0]!.shape.with(
    at,
    found.reduce((sum, each) => sum + each.shape[at]!, 0),
  );
  if (elementCount(shape) > MAX_ELEMENTS) return null;
  const indices = new Int32Array(elementCount(shape));
  const outer = elementCount(shape.slice(0, at));
  let to = 0;
  for (let o = 0; o < outer; o++)
    for (const part of found) {
      const run = part.indices.length / outer;
      indices.set(part.indices.subarray(o * run, (o + 1) * run), to);
      to += run;
    }
  return { shape, indices };
}

function gathered(
  shape: readonly number[],
  strides: readonly number[],
  from: number,
  source: Int32Array,
): MovedElements {
  const indices = new Int32Array(elementCount(shape));
  const place = shape.map(() => 0);
  let at = from;
  for (let i = 0; i < indices.length; i++) {
    indices[i] = source[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      at -= shape[axis]! * strides[axis]!;
      place[axis] = 0;
    }
  }
  return { shape, indices };
}

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}
