/** Where the channels of an activation are. */
import type { NodeProto } from 'onnx-buf';
import { attribute, intOf } from '../graph/nodes';
import type { Scope } from '../graph/Scope';
import { movedAxes } from '../read/movedShapes';

export interface Place {
  /** The axis that counts channels: from the front (0, 1, …), or from the end (-1, -2, …) where the rank is not known. */
  readonly axis: number;
  readonly rank: number | null;
  /** Elements of the axis that belong to one channel, where other axes were merged into it; null if their number is not known here. */
  readonly inner: number | null;
}

/** The last axis, of a tensor of any rank. */
export const LAST: Place = { axis: -1, rank: null, inner: 1 };

/** The axis from the front; null where that takes the rank. */
export function fromFront({ axis, rank }: Place, assumed: number | null = rank): number | null {
  if (axis >= 0) return axis;
  return assumed === null ? null : axis + assumed;
}

/** The axis from the end, as a negative number; null where that takes the rank. */
export function fromEnd({ axis, rank }: Place): number | null {
  if (axis < 0) return axis;
  return rank === null ? null : axis - rank;
}

/** The place after a node that changes the shape; null if channels do not stay whole, or that cannot be told. */
export function placeAfter(node: NodeProto, scope: Scope, place: Place, channels: number): Place | null {
  switch (node.opType) {
    case 'Transpose':
      return transposed(attribute(node, 'perm')?.ints.map(Number), place);
    case 'Flatten':
      return flattened(attribute(node, 'axis') ? intOf(node, 'axis') : 1, place);
    case 'Reshape':
      return intOf(node, 'allowzero') === 0 ? reshaped(scope.ints(node.input[1]), place, channels) : null;
    case 'Squeeze':
    case 'Unsqueeze':
      return squeezed(node, scope, place);
    default:
      return null;
  }
}

function transposed(perm: readonly number[] | undefined, place: Place): Place | null {
  const axis = perm && fromFront(place, perm.length);
  if (axis === undefined || axis === null || (place.rank !== null && place.rank !== perm!.length))
    return null;
  return { ...place, axis: perm!.indexOf(axis), rank: perm!.length };
}

/** To a matrix of which a row is a whole picture, channel by channel. */
function flattened(at: number, place: Place): Place | null {
  if (at !== 1 || fromFront(place) !== 1 || place.inner !== 1) return null;
  return { axis: 1, rank: 2, inner: place.rank === 2 ? 1 : null };
}

function reshaped(target: readonly number[] | null, place: Place, channels: number): Place | null {
  if (!target || place.inner !== 1 || target.length === 0) return null;
  const rank = target.length;
  // A last axis that stays as long keeps its elements together.
  if (fromEnd(place) === -1 && target.at(-1) === channels) return { axis: rank - 1, rank, inner: 1 };
  if (fromFront(place) !== 1) return null;
  const [first, second] = target;
  // To rows: the first size is the batch's, or all that the second leaves, which is whole pictures then.
  const isRow = second === -1 ? first === 0 || first === 1 : second! > 0 && second! % channels === 0;
  if (rank === 2 && isRow) return { axis: 1, rank, inner: null };
  return first === 0 && (second === 0 || second === channels) ? { axis: 1, rank, inner: 1 } : null;
}

function squeezed(node: NodeProto, scope: Scope, place: Place): Place | null {
  const axes = movedAxes(node, scope);
  const axis = fromFront(place);
  if (!axes || place.rank === null || axis === null) return null;
  const removes = node.opType === 'Squeeze';
  const rank = removes ? place.rank - axes.length : place.rank + axes.length;
  const longer = Math.max(rank, place.rank);
  const changed = new Set(axes.map((each) => (each < 0 ? each + longer : each)));
  if (removes) {
    if (changed.has(axis)) return null;
    return { ...place, rank, axis: axis - [...changed].filter((each) => each < axis).length };
  }
  // The axes that are not added are the former ones, in their order.
  const kept = Array.from({ length: longer }, (_, i) => i).filter((i) => !changed.has(i));
  const after = kept[axis];
  return after === undefined ? null : { ...place, rank, axis: after };
}
