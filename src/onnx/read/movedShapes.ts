/** Shapes of what data movement makes of constants, as far as the graph says them. */
import type { NodeProto } from 'onnx-buf';
import { elementCount, tensorShape } from '../file/shapes';
import { dataInputs } from '../graph/dataMovement';
import { attribute, intOf } from '../graph/nodes';
import type { Definition, Scope } from '../graph/Scope';

/** The shape of a value; null where it is not known. */
export type ShapeOf = (definition: Definition | undefined) => readonly number[] | null;

/**
 * Shapes of all values that consist of constants alone, in one pass over the graphs.
 * @throws UserError if a constant's shape is none
 */
export function movedShapes(scopes: readonly Scope[]): ShapeOf {
  const shapes = new Map<Definition, readonly number[]>();
  const shapeOf: ShapeOf = (definition) => {
    if (definition?.kind === 'constant')
      return definition.constant.sparse ? null : tensorShape(definition.constant.tensor);
    return (definition && shapes.get(definition)) ?? null;
  };
  for (const scope of scopes)
    for (const node of scope.graph.node) {
      const [name, ...more] = dataInputs(node) ?? [];
      // Several inputs are joined, several outputs cut: their sizes are not followed.
      if (!name || more.length > 0 || node.output.length !== 1 || !scope.isConstant(name)) continue;
      const from = shapeOf(scope.resolve(name));
      const to = from && movedShape(node, scope, from);
      const made = scope.definitions.get(node.output[0]!);
      if (to && made) shapes.set(made, to);
    }
  return shapeOf;
}

/** The axes of a Squeeze or Unsqueeze: an attribute before opset 13, an input since; null if they are not said, or not constant. */
export function movedAxes(node: NodeProto, scope: Scope): readonly number[] | null {
  return attribute(node, 'axes')?.ints.map(Number) ?? scope.ints(node.input[1]);
}

/** Null where the node does not say it, or what it says does not fit. */
function movedShape(node: NodeProto, scope: Scope, from: readonly number[]): readonly number[] | null {
  const to = targetShape(node, scope, from);
  return to && elementCount(to) === elementCount(from) ? to : null;
}

function targetShape(node: NodeProto, scope: Scope, from: readonly number[]): readonly number[] | null {
  switch (node.opType) {
    case 'Identity':
    case 'Cast':
      return from;
    case 'Reshape':
      return reshaped(node, scope, from);
    case 'Flatten': {
      const axis = attribute(node, 'axis') ? fromFront(intOf(node, 'axis'), from.length) : 1;
      return [elementCount(from.slice(0, axis)), elementCount(from.slice(axis))];
    }
    case 'Transpose': {
      const perm = attribute(node, 'perm')?.ints.map(Number) ?? [...from.keys()].reverse();
      return perm.length === from.length ? perm.map((axis) => from[axis] ?? NaN) : null;
    }
    case 'Squeeze': {
      const axes = movedAxes(node, scope)?.map((axis) => fromFront(axis, from.length));
      if (!axes && node.input[1]) return null;
      return from.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1));
    }
    case 'Unsqueeze': {
      const axes = movedAxes(node, scope);
      if (!axes) return null;
      const rank = from.length + axes.length;
      const added = new Set(axes.map((axis) => fromFront(axis, rank)));
      const sizes = from.values();
      return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (sizes.next().value ?? NaN)));
    }
    default:
      return null;
  }
}

/** 0 stands for the input's size, unless the node says otherwise; one -1 for what is left (ONNX operator specification, Reshape). */
function reshaped(node: NodeProto, scope: Scope, from: readonly number[]): readonly number[] | null {
  const target = attribute(node, 'shape')?.ints.map(Number) ?? scope.ints(node.input[1]);
  if (!target) return null;
  const copies = intOf(node, 'allowzero') === 0;
  const sizes = target.map((size, axis) => (size === 0 && copies ? (from[axis] ?? NaN) : size));
  const open = sizes.indexOf(-1);
  if (open === -1) return sizes;
  const rest = elementCount(sizes.filter((_, axis) => axis !== open));
  return sizes.with(open, elementCount(from) / rest);
}

function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
