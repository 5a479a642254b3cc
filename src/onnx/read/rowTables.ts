/** Tables of which a Gather takes codes, that become numbers behind it (see `onnx/write/emitRows`). */
import type { NodeProto } from 'onnx-buf';
import { isQuantizedType } from '../file/elementTypes';
import { isStandard } from '../graph/nodes';
import type { ConstantTensor, Scope } from '../graph/Scope';

/** Operators between taken codes and the numbers that they stand for; a Gather looks codes up. */
const DECODES: ReadonlySet<string> = new Set(['Cast', 'Reshape', 'Unsqueeze', 'Sub', 'Mul']);
/** More nodes than are ever between taken codes and their numbers. */
const MAX_STEPS = 8;

/** A table whose codes are taken by row, as one of the nodes that make numbers of them shows it. */
export interface RowsOfCodes {
  readonly codes: ConstantTensor;
  /** Scales, zero points, or the numbers that codes are looked up in: they look like tables of their own. */
  readonly parts: readonly ConstantTensor[];
  /** How many codes lie in a byte that is looked up; null where the node looks nothing up. */
  readonly perByte: number | null;
}

/** The table of codes that `node` decodes; null if it does nothing of the kind. */
export function rowsOfCodes(scope: Scope, node: NodeProto): RowsOfCodes | null {
  const [first, second] = node.input;
  if (!isStandard(node) || !first || !second) return null;
  if (node.opType === 'Gather') {
    const codes = takenCodes(scope, second);
    const table = codes && constantOf(scope, first);
    return table && { codes, parts: [table], perByte: Number(table.tensor.dims[1] ?? 1n) };
  }
  const codes = SCALES.has(node.opType) ? takenCodes(scope, first) : null;
  if (!codes) return null;
  const parts = node.input.slice(1).flatMap((name) => constantOf(scope, gathered(scope, name) ?? name) ?? []);
  return { codes, parts, perByte: null };
}

const SCALES: ReadonlySet<string> = new Set(['Sub', 'Mul', 'DequantizeLinear']);

function constantOf(scope: Scope, name: string): ConstantTensor | null {
  const definition = scope.resolve(name);
  return definition?.kind === 'constant' ? definition.constant : null;
}

/** The constant of whose codes a Gather took what a value is made of; null if it is made of anything else. */
function takenCodes(scope: Scope, name: string, steps = MAX_STEPS): ConstantTensor | null {
  const definition = scope.resolve(name);
  if (definition?.kind !== 'node' || steps === 0) return null;
  const { node, scope: home } = definition;
  const [first, second] = node.input;
  if (!isStandard(node) || !first) return null;
  if (DECODES.has(node.opType)) return takenCodes(home, first, steps - 1);
  if (node.opType !== 'Gather' || !second) return null;
  const table = constantOf(home, first);
  if (!table) return null;
  return isQuantizedType(table.tensor.dataType) ? table : takenCodes(home, second, steps - 1);
}

/** The table of which a Gather, perhaps behind a Cast, takes a value. */
function gathered(scope: Scope, name: string): string | undefined {
  const definition = scope.resolve(name);
  if (definition?.kind !== 'node') return undefined;
  const { node, scope: home } = definition;
  if (node.opType === 'Cast') return gathered(home, node.input[0]!);
  return node.opType === 'Gather' ? node.input[0] : undefined;
}
