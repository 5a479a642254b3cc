import type { NodeProto, TensorProto } from 'onnx-buf';
import type { EncodedTensor } from '../../quant/EncodedTensor';
import type { Consumer } from '../graph/Consumers';
import { intOf, isStandard } from '../graph/nodes';
import { RowTable } from './emitRows';
import { emitWeight } from './emitWeight';
import type { WeightTarget } from './WeightTarget';

/** Who reads a weight. */
export interface Readers {
  readonly readers: readonly Consumer[];
  /** Whether the graph, or one inside it, gives it away. */
  readonly isOutput: boolean;
}

export interface EmittedWeight {
  readonly constants: readonly TensorProto[];
  /** Make the weight; none where nobody reads all of it. */
  readonly nodes: readonly NodeProto[];
  /** Nodes in the place of those that read rows alone. */
  readonly rows: readonly { readonly reader: Consumer; readonly nodes: readonly NodeProto[] }[];
}

/** Writes a quantized weight for those who read it: as rows for Gather, as a whole for all others, both of the same codes. */
export function emitForReaders(
  tensor: EncodedTensor,
  target: WeightTarget,
  { readers, isOutput }: Readers,
): EmittedWeight {
  const axis = rowAxis(readers, target.shape.length);
  const takers =
    axis === null ? [] : readers.filter((reader) => gatherAxis(reader, target.shape.length) === axis);
  const onlyRows = takers.length === readers.length && !isOutput;
  const whole = onlyRows ? null : emitWeight(tensor, target);
  const table = axis === null ? null : RowTable.of(tensor, target, axis, whole && codesOf(whole.nodes));
  if (!table) {
    const { constants, nodes } = whole ?? emitWeight(tensor, target);
    return { constants, nodes, rows: [] };
  }
  return {
    constants: [...(whole?.constants ?? []), ...table.constants],
    nodes: whole?.nodes ?? [],
    rows: takers.map((reader) => ({ reader, nodes: table.take(reader.node) })),
  };
}

/** The axis along which rows are taken; null if nobody takes any. */
function rowAxis(readers: readonly Consumer[], rank: number): number | null {
  for (const reader of readers) {
    const axis = gatherAxis(reader, rank);
    if (axis !== null) return axis;
  }
  return null;
}

function gatherAxis({ node, index }: Consumer, rank: number): number | null {
  if (node.opType !== 'Gather' || !isStandard(node) || index !== 0) return null;
  const axis = intOf(node, 'axis');
  return axis < 0 ? axis + rank : axis;
}

/** The constant that a whole weight is made of. */
function codesOf(nodes: readonly NodeProto[]): string {
  return nodes[0]!.input[0]!;
}
