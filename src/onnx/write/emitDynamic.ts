/** Products whose activations are quantized as they come (ONNX operators DynamicQuantizeLinear and MatMulInteger). */
import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { EncodedScalars, EncodedTensor } from '../../quant/EncodedTensor';
import { integersOf } from '../../quant/integer/integerNumbers';
import { withSign } from '../../quant/integer/withSign';
import { floatTensor, makeTensor, toBytes } from '../file/protos';
import type { Consumer } from '../graph/Consumers';
import { attribute, intOf, isStandard } from '../graph/nodes';
import { transposed } from '../read/rearrange';
import { blocksPerChannel } from './emitScales';
import { GraphFragment } from './GraphFragment';
import type { WeightTarget } from './WeightTarget';

/** First opset with DynamicQuantizeLinear. */
const SINCE = 11;

/** Names of an activation's codes, scale and zero point. */
export type DynamicActivation = readonly [codes: string, scale: string, zeroPoint: string];

/** Quantizes an activation, once for all products that read it. */
export type QuantizeActivation = (name: string, reader: Consumer) => DynamicActivation;

export interface DynamicProduct {
  readonly constants: readonly TensorProto[];
  readonly reader: Consumer;
  /** In the reader's place. */
  readonly nodes: readonly NodeProto[];
}

/**
 * A product on 8-bit integers in the place of one by a quantized weight:
 *
 * MatMulInteger -> Cast -> Mul (scale of the activation times those of the weight) -> (Add of the bias)
 *
 * Codes of weights are unsigned, as products of unsigned and signed ones saturate on CPUs with AVX2 but without VNNI.
 * @returns null if the weight is no matrix of 8-bit integers that one such product reads
 */
export function emitDynamic(
  tensor: EncodedTensor,
  target: WeightTarget,
  readers: readonly Consumer[],
  quantize: QuantizeActivation,
): DynamicProduct | null {
  const [reader, ...others] = readers;
  if (!reader || others.length > 0 || !isProduct(reader) || target.opset < SINCE) return null;
  if (target.shape.length !== 2 || target.dataType !== DataType.FLOAT) return null;
  const { node, scope } = reader;
  if (scope.isConstant(node.input[0]!)) return null;
  const isTurned = node.opType === 'Gemm' && intOf(node, 'transB') === 1;
  if (!isInteger(tensor, target) || (tensor.scales!.values.length > 1 && !countsOutputs(target, isTurned)))
    return null;
  const [rows, columns] = target.shape as readonly [number, number];
  const { codes, scales } = withSign(tensor, false);
  const zeroPoints = integersOf(withSign(tensor, false)).zeroPoints ?? new Uint8Array(1);
  const stored = isTurned ? transposed(codes as Uint8Array, rows, columns) : codes;
  const shape = isTurned ? [columns, rows] : [rows, columns];

  const fragment = new GraphFragment(node.output[0]!, target.opset, target.freshName, target.shared);
  const parts = new GraphFragment(target.name, target.opset, target.freshName, target.shared);
  const bytes = (hint: string, dims: readonly number[], values: Uint8Array | Uint16Array) =>
    parts.constant(hint, (name) => makeTensor(name, DataType.UINT8, dims, toBytes(values)));
  const isEven = zeroPoints.every((zero) => zero === zeroPoints[0]);
  const weight = bytes('codes', shape, stored);
  const zero = bytes(
    'zero_point',
    isEven ? [] : [zeroPoints.length],
    isEven ? zeroPoints.slice(0, 1) : zeroPoints,
  );
  const values = scales!.values as Float32Array;
  const scale = parts.constant('scale', (name) =>
    floatTensor(name, values.length > 1 ? [values.length] : [], values),
  );

  const [activation, activationScale, activationZero] = quantize(node.input[0]!, reader);
  const product = fragment.node('MatMulInteger', [activation, weight, activationZero, zero]);
  fragment.nodes[0]!.name = node.name;
  const both = fragment.node('Mul', [activationScale, scale]);
  const scaled = fragment.node('Mul', [fragment.cast(product, DataType.FLOAT), both]);
  const bias = node.input[2];
  fragment.finish(bias ? fragment.node('Add', [scaled, bias]) : scaled, DataType.FLOAT);
  return { constants: parts.constants, reader, nodes: fragment.nodes };
}

/** A product by a matrix on the right, as it is or turned. */
function isProduct({ node, index }: Consumer): boolean {
  if (!isStandard(node) || index !== 1) return false;
  if (node.opType === 'MatMul') return true;
  const isPlain = ['alpha', 'beta'].every((name) => (attribute(node, name)?.f ?? 1) === 1);
  return node.opType === 'Gemm' && isPlain && intOf(node, 'transA') === 0;
}

function isInteger(tensor: EncodedTensor, { layout }: WeightTarget): tensor is EncodedScalars {
  return (
    tensor.kind === 'scalars' &&
    tensor.bits === 8 &&
    tensor.numbers.kind === 'integer' &&
    tensor.scales?.values instanceof Float32Array &&
    blocksPerChannel(tensor.scales, layout) === null
  );
}

/** Whether channels are the columns of the matrix that is multiplied by. */
function countsOutputs({ layout }: WeightTarget, isTurned: boolean): boolean {
  return isTurned ? layout.outer === 1 : layout.inner === 1;
}
