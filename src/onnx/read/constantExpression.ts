/** Weights that are computed from constants: how quantized weights are stored in a model that has them already. */
import { type NodeProto, TensorProto_DataType as DataType } from 'onnx-buf';
import { elementTypeName, isFloat, isQuantizedType } from '../file/elementTypes';
import { intOf } from '../graph/nodes';
import type { ConstantTensor, Scope } from '../graph/Scope';
import { elementCount, tensorShape } from '../file/shapes';
import type { Source, StepBudget } from './weightSources';

/** A constant that is no float and reaches a weight input as it is. */
export function quantizedConstant(constant: ConstantTensor): Source {
  const { tensor } = constant;
  const type = elementTypeName(tensor.dataType);
  if (!isQuantizedType(tensor.dataType)) return { kind: 'none', reason: `weight is ${type}` };
  return { kind: 'quantized', codes: constant, type, by: null, shape: tensorShape(tensor), parts: [] };
}

/**
 * Reads the constant expression that ends in `node`: a quantized weight if it holds integer codes or passes through
 * QuantizeLinear; anything else is computed from floats, and no weight that could be replaced.
 * @param target what its result is reshaped to, if it is
 */
export function readExpression(
  scope: Scope,
  node: NodeProto,
  target: readonly number[] | null,
  budget: StepBudget,
): Source {
  const { constants, nodes, targets } = collect(scope, node, budget);
  const uses = (opType: string) => nodes.some((other) => other.opType === opType);
  const coded = constants.filter(({ tensor }) => isQuantizedType(tensor.dataType));
  if (uses('QuantizeLinear')) {
    const codes = largest(constants.filter(({ tensor }) => isFloat(tensor.dataType)));
    if (!codes) return { kind: 'none', reason: `weight is computed by ${node.opType}` };
    // The zero point tells the type; without one it is uint8 (ONNX operator specification, QuantizeLinear).
    const type = coded[0] ? elementTypeName(coded[0].tensor.dataType) : 'uint8';
    return describe(codes, constants, type, 'QuantizeLinear', target ?? tensorShape(codes.tensor));
  }
  const codes = largest(coded);
  if (!codes) return { kind: 'none', reason: `weight is computed by ${node.opType}` };
  const type = elementTypeName(codes.tensor.dataType);
  const shape = target ?? weightShape(targets, codes);
  if (uses('DequantizeLinear')) return describe(codes, constants, type, 'DequantizeLinear', shape);
  if (uses('Gather') && codes.tensor.dataType === DataType.UINT8) {
    const bits = bitsPerWeight(codes, coded, elementCount(shape));
    return describe(codes, constants, `${bits} bit`, 'table lookup', shape);
  }
  return describe(codes, constants, type, uses('Cast') ? 'Cast' : node.opType, shape);
}

/** The shape of most elements that the expression is reshaped to; packed codes and scales on their way have fewer, or leave a size open. */
function weightShape(targets: readonly (readonly number[])[], codes: ConstantTensor): readonly number[] {
  const own = tensorShape(codes.tensor);
  return targets.reduce<readonly number[]>((best, target) => {
    if (elementCount(target) > elementCount(best)) return target;
    // Codes that lie in another shape than the weight's have its elements.
    return best === own && elementCount(target) === elementCount(own) ? target : best;
  }, own);
}

/**
 * Bits of a code, from how many bytes the codes take: they may be cut into planes of 8, 4, 2 and 1 bits. Codes that stand for
 * several weights have fewer, which need not be a whole number.
 */
function bitsPerWeight(codes: ConstantTensor, coded: readonly ConstantTensor[], weights: number): number {
  const size = ({ tensor }: ConstantTensor) => elementCount(tensorShape(tensor));
  const planes = [8, 4, 2, 1].filter((width) =>
    coded.some((other) => size(other) === Math.ceil((weights * width) / 8)),
  );
  const isPlane = planes.some((width) => size(codes) === Math.ceil((weights * width) / 8));
  const bits = isPlane
    ? planes.reduce((sum, width) => sum + width, 0)
    : (8 * coded.reduce((sum, other) => sum + size(other), 0)) / weights;
  return Number(bits.toFixed(2));
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
  const targets: (readonly number[])[] = [];
  const seen = new Set<NodeProto>([root]);
  const open: { scope: Scope; node: NodeProto }[] = [{ scope, node: root }];
  for (const { scope: home, node } of open) {
    nodes.push(node);
    if (node.opType === 'Reshape') {
      const target = reshapeTarget(node, home);
      if (target) targets.push(target);
    }
    for (const input of node.input) {
      budget.spend(1);
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

/** The shape that a Reshape gives; null if that is not all said. */
export function reshapeTarget(node: NodeProto, scope: Scope): readonly number[] | null {
  const target = scope.ints(node.input[1]);
  return target?.every((size) => size > 0) ? target : null;
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
