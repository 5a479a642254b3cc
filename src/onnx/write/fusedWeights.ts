import { TensorProto_DataType as DataType } from 'onnx-buf';
import type { EncodedTensor } from '../../quant/EncodedTensor';
import type { Consumer } from '../graph/Consumers';
import type { Graph } from '../graph/Graph';
import { attribute, intOf, isStandard } from '../graph/nodes';
import type { Layer } from '../read/findLayers';
import { blocksPerChannel } from './emitScales';

/** Weights in a block that MatMulNBits takes: a power of two (onnxruntime's contrib operators). */
const BLOCKS: ReadonlySet<number> = new Set([16, 32, 64, 128, 256]);

/**
 * Whether onnxruntime makes one kernel, MatMulNBits, of a weight's DequantizeLinear and the product that reads it. Any other
 * DequantizeLinear of a constant it computes on each run, which takes longer than the same product of float numbers.
 */
export function isFused(
  { constant, layout }: Pick<Layer, 'constant' | 'layout'>,
  tensor: EncodedTensor,
  graph: Pick<Graph, 'consumers' | 'isOutput'>,
): boolean {
  const { name, scope } = constant;
  const { dims, dataType } = constant.tensor;
  if (dims.length !== 2 || dataType !== DataType.FLOAT || graph.isOutput(name, scope)) return false;
  const readers = graph.consumers(name, scope);
  if (readers.length !== 1 || !takesColumns(readers[0]!)) return false;
  if (tensor.kind !== 'scalars' || !tensor.scales) return false;
  const { values, block } = tensor.scales;
  const isSimple = values.length === 1 || layout.inner === 1;
  return isSimple && (blocksPerChannel(tensor.scales, layout) === null || BLOCKS.has(block!));
}

/** Whether the node multiplies by a matrix [in, out] as it is. */
function takesColumns({ node, index }: Consumer): boolean {
  if (!isStandard(node) || index !== 1) return false;
  if (node.opType === 'MatMul') return true;
  const isPlain = ['alpha', 'beta'].every((name) => (attribute(node, name)?.f ?? 1) === 1);
  return node.opType === 'Gemm' && isPlain && intOf(node, 'transA') === 0 && intOf(node, 'transB') === 0;
}
