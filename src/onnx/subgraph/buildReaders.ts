import { create } from '@bufbuild/protobuf';
import { TensorProto_DataType as DataType, ValueInfoProtoSchema } from 'onnx-buf';
import { elementTypeCode } from '../file/elementTypes';
import type { ExternalFiles } from '../file/externalData';
import { copyNode, makeNode } from '../file/protos';
import { Graph } from '../graph/Graph';
import { serializeWhole } from '../write/serializeModel';
import { extractPart, valueInfo } from './extractPart';
import type { ReadersPlan } from './planReaders';

/** A model of its own from an activation to what its readers make of it, with a quantizer in between whose scale is fed. */
export interface ReadersModel {
  readonly bytes: Uint8Array;
  /** Names of the inputs for the activation, its scale and its zero point. */
  readonly activation: string;
  readonly scale: string;
  readonly zeroPoint: string;
}

/**
 * Serializes the readers of an activation, with the external data that they need.
 * @param graph of opset 10 or later
 * @param cutTypes element type of every value of the plan's cut, as `elementTypeName` names them
 * @param signed whether codes are int8, not uint8
 * @throws UserError as `serializeWhole`
 */
export function buildReaders(
  graph: Graph,
  files: ExternalFiles,
  { tensor, nodes, cut, outputs, reads }: ReadersPlan,
  cutTypes: ReadonlyMap<string, string>,
  signed: boolean,
): ReadersModel {
  const freshName = graph.freshNames();
  const activation = freshName(`${tensor}_fed`);
  const scale = freshName(`${tensor}_scale`);
  const zeroPoint = freshName(`${tensor}_zero_point`);
  const codes = freshName(`${tensor}_quantized`);
  const inPart = nodes.map((node) => {
    if (reads(node) || !node.input.includes(tensor)) return node;
    const inFloat = copyNode(node);
    inFloat.input = node.input.map((name) => (name === tensor ? activation : name));
    return inFloat;
  });
  const part = extractPart(graph.model, {
    nodes: [
      makeNode('QuantizeLinear', [activation, scale, zeroPoint], codes),
      makeNode('DequantizeLinear', [codes, scale, zeroPoint], tensor),
      ...inPart,
    ],
    inputs: [
      valueInfo(activation, DataType.FLOAT, null),
      valueInfo(scale, DataType.FLOAT, []),
      valueInfo(zeroPoint, signed ? DataType.INT8 : DataType.UINT8, []),
      ...cut.map((value) => valueInfo(value, elementTypeCode(cutTypes.get(value)!)!, null)),
    ],
    outputs: outputs.map((name) => create(ValueInfoProtoSchema, { name })),
  });
  return { bytes: serializeWhole(new Graph(part), files), activation, scale, zeroPoint };
}
