import { TensorProto_DataType as DataType, type NodeProto } from 'onnx-buf';
import { attribute, type Scope } from './Scope';

/** Operators that only move elements about, so that their input can be quantized in their output's place. */
export const MOVEMENT: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Constant',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
  'Flatten',
  'Slice',
  'Split',
  'Concat',
  'Expand',
  // Shapes that a Reshape or Slice is told may be computed.
  'Shape',
]);

/** Movements that leave every axis where it is. */
const KEEPING: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Slice', 'Split', 'Concat']);

/**
 * Where axes of a node's output are in its (first) input; those that the node added are dropped.
 * @param axes negative ones count from the end
 * @returns null where that cannot be told
 */
export function mapAxes(node: NodeProto, scope: Scope, axes: readonly number[]): readonly number[] | null {
  if (KEEPING.has(node.opType)) return axes;
  if (node.opType === 'Transpose') return transposed(node, axes);
  if (node.opType === 'Unsqueeze' || node.opType === 'Squeeze') {
    const changed = axesOf(node, scope);
    // Axes from the end and from the front cannot be compared without the rank.
    if (!changed || [...changed, ...axes].some((axis) => axis < 0)) return null;
    return node.opType === 'Unsqueeze' ? withoutAdded(axes, changed) : withRemoved(axes, changed);
  }
  return null;
}

function transposed(node: NodeProto, axes: readonly number[]): readonly number[] {
  const perm = attribute(node, 'perm')?.ints.map(Number);
  // Without a permutation the axes are reversed: the first becomes the last.
  if (!perm) return axes.map((axis) => -axis - 1);
  return axes.map((axis) => perm[axis < 0 ? axis + perm.length : axis] ?? NaN).filter((axis) => axis >= 0);
}

function withoutAdded(axes: readonly number[], added: readonly number[]): number[] {
  return axes
    .filter((axis) => !added.includes(axis))
    .map((axis) => axis - added.filter((other) => other < axis).length);
}

function withRemoved(axes: readonly number[], removed: readonly number[]): number[] {
  return axes.map((axis) => {
    let place = axis;
    for (const other of [...removed].sort((a, b) => a - b)) if (other <= place) place++;
    return place;
  });
}

/** The axes of Squeeze or Unsqueeze: an attribute before opset 13, an input since. */
function axesOf(node: NodeProto, scope: Scope): number[] | null {
  const listed = attribute(node, 'axes');
  if (listed) return listed.ints.map(Number);
  const definition = node.input[1] ? scope.resolve(node.input[1]) : undefined;
  if (definition?.kind !== 'constant') return null;
  const { tensor } = definition.constant;
  if (tensor.dataType !== DataType.INT64) return null;
  if (tensor.rawData.length === 0) return tensor.int64Data.map(Number);
  const { buffer, byteOffset, byteLength } = tensor.rawData;
  const view = new DataView(buffer, byteOffset, byteLength);
  return Array.from({ length: byteLength >> 3 }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}
