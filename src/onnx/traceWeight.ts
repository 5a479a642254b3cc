import type { NodeProto } from 'onnx-buf';
import { mapAxes, MOVEMENT } from './movement';
import { isFloat, isQuantizedType } from './elementTypes';
import type { ConstantTensor, Scope } from './Scope';

/** A float constant that reaches a weight input by data movement alone. */
export interface Leaf {
  readonly constant: ConstantTensor;
  /** Axes of the constant that count output channels; null where that cannot be told. */
  readonly axes: readonly number[] | null;
}

/** Where the value at a weight input comes from. */
export type Origin =
  | { readonly kind: 'weights'; readonly leaves: readonly Leaf[] }
  /** `by` is the operator that unpacks the codes; `parts` are its constants, scales among them. */
  | {
      readonly kind: 'quantized';
      readonly codes: ConstantTensor;
      readonly by: string;
      readonly parts: readonly ConstantTensor[];
    }
  /** Computed from float constants by more than data movement. */
  | { readonly kind: 'computed'; readonly by: string }
  | { readonly kind: 'runtime' };

/** Operators that change the type between floats or pass values on; more steps than any exporter makes. */
const MOST_STEPS = 10_000;

/**
 * Follows a weight input back to the constants that it comes from.
 * @param axes axes of the input that count output channels, negative ones from the end
 */
export function traceWeight(scope: Scope, name: string, axes: readonly number[]): Origin {
  // Quantize-dequantize pairs may have float leaves; the operator tells.
  if (!scope.isConstant(name)) return { kind: 'runtime' };
  const expression = collect(scope, name);
  if (!expression) return { kind: 'runtime' };
  const { constants, nodes } = expression;
  const quantized = nodes.find(({ opType }) => /^(De)?QuantizeLinear$/.test(opType));
  const codes = constants.find(({ tensor }) => isQuantizedType(tensor.dataType));
  if (quantized || codes) {
    const by = quantized?.opType ?? unpacker(nodes);
    return { kind: 'quantized', codes: codes ?? largest(constants), by, parts: constants };
  }
  const other = nodes.find(({ opType }) => !MOVEMENT.has(opType));
  if (other) return { kind: 'computed', by: other.opType };
  return { kind: 'weights', leaves: leavesOf(scope, name, axes) };
}

/** All constants and nodes of a constant expression. */
function collect(scope: Scope, name: string) {
  const constants: ConstantTensor[] = [];
  const nodes: NodeProto[] = [];
  const seen = new Set<unknown>();
  const open: { scope: Scope; name: string }[] = [{ scope, name }];
  for (let item = open.pop(); item; item = open.pop()) {
    const definition = item.scope.resolve(item.name);
    if (definition?.kind === 'constant') {
      if (seen.has(definition.constant)) continue;
      seen.add(definition.constant);
      constants.push(definition.constant);
    } else if (definition?.kind === 'node') {
      const { node } = definition;
      if (seen.has(node)) continue;
      seen.add(node);
      if (seen.size > MOST_STEPS) return null;
      nodes.push(node);
      for (const input of node.input) if (input !== '') open.push({ scope: definition.scope, name: input });
    }
  }
  return { constants, nodes };
}

/** Float constants at the ends of a tree of data movement, with the channel axes taken along. */
function leavesOf(scope: Scope, name: string, axes: readonly number[]): Leaf[] {
  const leaves = new Map<ConstantTensor, Leaf>();
  const open: { scope: Scope; name: string; axes: readonly number[] | null }[] = [{ scope, name, axes }];
  const seen = new Set<NodeProto>();
  for (let item = open.shift(); item; item = open.shift()) {
    const definition = item.scope.resolve(item.name);
    if (definition?.kind === 'constant') {
      const { constant } = definition;
      if (isFloat(constant.tensor.dataType) && !leaves.has(constant))
        leaves.set(constant, { constant, axes: fromFront(item.axes, constant.tensor.dims.length) });
    } else if (definition?.kind === 'node' && !seen.has(definition.node)) {
      seen.add(definition.node);
      const { node, scope: inner } = definition;
      const mapped = item.axes && mapAxes(node, inner, item.axes);
      const data = node.opType === 'Concat' ? node.input : node.input.slice(0, 1);
      for (const input of data) open.push({ scope: inner, name: input, axes: mapped });
    }
  }
  return [...leaves.values()];
}

function fromFront(axes: readonly number[] | null, rank: number): readonly number[] | null {
  const front = axes?.map((axis) => (axis < 0 ? axis + rank : axis));
  return front?.every((axis) => axis >= 0 && axis < rank) ? front : null;
}

/** The operator that says most about how packed codes become numbers. */
function unpacker(nodes: readonly NodeProto[]): string {
  const names = new Set(nodes.map(({ opType }) => opType));
  return names.has('Gather') ? 'table lookup' : names.has('Cast') ? 'Cast' : (nodes[0]?.opType ?? 'constant');
}

function largest(constants: readonly ConstantTensor[]): ConstantTensor {
  const size = ({ tensor }: ConstantTensor) => tensor.dims.reduce((product, dim) => product * dim, 1n);
  return constants.reduce((a, b) => (size(b) > size(a) ? b : a));
}
