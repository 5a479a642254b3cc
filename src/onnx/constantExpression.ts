/** Weights that are computed from constants: how quantized weights are stored in a model that has them already. */
import type { NodeProto } from 'onnx-buf';
import { TensorProto_DataType as DataType } from 'onnx-buf';
import { elementTypeName, isFloat, isQuantizedType } from './elementTypes';
import { intOf } from './nodes';
import type { ConstantTensor, Scope } from './Scope';
import { elementCount, tensorShape } from './shapes';
import type { Source, StepBudget } from './traceWeight';

/** A weight that is quantized already. */
export interface QuantizedWeight {
  readonly codes: ConstantTensor;
  /** What a code is, as in `int8` or `4 bit`. */
  readonly type: string;
  /** The operator that makes numbers of the codes; null if that is left to the node that uses the weight. */
  readonly by: string | null;
  /** Shape of the weight, which packed codes do not have themselves. */
  readonly shape: readonly number[];
  /** The other constants that go into the weight: scales, zero points, tables. */
  readonly parts: readonly ConstantTensor[];
}

const BYTE_VALUES = 256;

/** A constant that is no float and reaches a weight input as it is. */
export function quantizedConstant(constant: ConstantTensor): Source {
  const { tensor } = constant;
  const type = elementTypeName(tensor.dataType);
  if (!isQuantizedType(tensor.dataType)) return { kind: 'none', reason: `weight is ${type}` };
  return { kind: 'quantized', codes: constant, type, by: null, shape: tensorShape(tensor), parts: [] };
}

/**
 * What the constant expression that ends in `node` is: a quantized weight if it holds integer codes or passes through
 * QuantizeLinear; anything else is computed from floats, and no weight that could be replaced.
 */
export function readExpression(scope: Scope, node: NodeProto, budget: StepBudget): Source {
  const { constants, nodes, targets } = collect(scope, node, budget);
  const uses = (opType: string) => nodes.some((other) => other.opType === opType);
  const coded = constants.filter(({ tensor }) => isQuantizedType(tensor.dataType));
  if (uses('QuantizeLinear')) {
    const codes = largest(constants.filter(({ tensor }) => isFloat(tensor.dataType)));
    if (!codes) return { kind: 'none', reason: `weight is computed by ${node.opType}` };
    // The zero point tells the type; without one it is uint8 (ONNX operator specification, QuantizeLinear).
    const type = coded[0] ? elementTypeName(coded[0].tensor.dataType) : 'uint8';
    return describe(codes, constants, type, 'QuantizeLinear', tensorShape(codes.tensor));
  }
  const codes = largest(coded);
  if (!codes) return { kind: 'none', reason: `weight is computed by ${node.opType}` };
  const type = elementTypeName(codes.tensor.dataType);
  const width = uses('Gather') ? tableWidth(constants) : null;
  if (width) {
    const count = elementCount(tensorShape(codes.tensor));
    const shape = targets.find((target) => Math.ceil(elementCount(target) / width) === count);
    const bits = `${8 / width} bit`;
    return describe(codes, constants, bits, 'table lookup', shape ?? [count * width]);
  }
  const by = uses('DequantizeLinear') ? 'DequantizeLinear' : uses('Cast') ? 'Cast' : node.opType;
  const shape = tensorShape(codes.tensor);
  const target = targets.find((other) => elementCount(other) === elementCount(shape));
  return describe(codes, constants, type, by, target ?? shape);
}

function describe(
  codes: ConstantTensor,
  constants: readonly ConstantTensor[],
  type: string,
  by: string,
  shape: readonly number[],
): Source {
  return { kind: 'quantized', codes, type, by, shape, parts: constants.filter((other) => other !== codes) };
}

/** All constants and nodes that an expression is made of, from its end backwards, and the shapes that it reshapes to. */
function collect(scope: Scope, root: NodeProto, budget: StepBudget) {
  const constants = new Set<ConstantTensor>();
  const nodes: NodeProto[] = [];
  const targets: number[][] = [];
  const seen = new Set<NodeProto>([root]);
  const open: { scope: Scope; node: NodeProto }[] = [{ scope, node: root }];
  for (const { scope: home, node } of open) {
    nodes.push(node);
    if (node.opType === 'Reshape') {
      const target = home.ints(node.input[1]);
      if (target?.every((size) => size > 0)) targets.push(target);
    }
    for (const input of node.input) {
      budget.spend();
      const definition = input === '' ? undefined : home.resolve(input);
      if (definition?.kind === 'constant') constants.add(definition.constant);
      else if (definition?.kind === 'node' && !seen.has(definition.node)) {
        seen.add(definition.node);
        open.push(definition);
      }
    }
  }
  return { constants: [...constants], nodes, targets };
}

/** How many numbers a byte stands for in a table [256, width], as our own exports have it; null if there is no such table. */
function tableWidth(constants: readonly ConstantTensor[]): number | null {
  const table = constants.find(
    ({ tensor: { dataType, dims } }) =>
      dataType === DataType.FLOAT && dims.length === 2 && Number(dims[0]) === BYTE_VALUES,
  );
  const width = Number(table?.tensor.dims[1] ?? 0);
  return [1, 2, 4, 8].includes(width) ? width : null;
}

/** The first of those with most elements; inputs come in order, codes before zero points. */
function largest(constants: readonly ConstantTensor[]): ConstantTensor | undefined {
  const size = ({ tensor }: ConstantTensor) => elementCount(tensorShape(tensor));
  return constants.reduce<ConstantTensor | undefined>(
    (best, other) => (best && size(best) >= size(other) ? best : other),
    undefined,
  );
}

/** Shape of a weight whose node says it: MatMulNBits packs [K, N] into [N, blocks, bytes] (ONNX Runtime contrib operators). */
export function declaredShape(node: NodeProto): readonly number[] | null {
  const sizes = ['K', 'N'].map((name) => intOf(node, name));
  return node.opType === 'MatMulNBits' && sizes.every((size) => size > 0) ? sizes : null;
}
