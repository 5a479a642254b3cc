import { TensorProto_DataType as DataType, type NodeProto } from 'onnx-buf';
import { isFloat } from '../file/elementTypes';
import { intOf, isStandard } from './nodes';

/** Operators that only move elements about, so that their input can be quantized in their output's place. */
const MOVEMENT: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
  'Flatten',
  'Slice',
  'Split',
  'Concat',
  'Expand',
]);

/**
 * The inputs whose elements the node moves about; not those that say where to. Null if the node computes something. A Cast
 * moves between float types, and computes for others.
 */
export function dataInputs(node: NodeProto): readonly string[] | null {
  if (!MOVEMENT.has(node.opType) || !isStandard(node)) return null;
  if (node.opType === 'Cast' && !isFloat(intOf(node, 'to') || DataType.FLOAT)) return null;
  return node.opType === 'Concat' ? node.input : node.input.slice(0, 1);
}
