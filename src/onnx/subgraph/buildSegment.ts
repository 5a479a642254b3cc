import { create } from '@bufbuild/protobuf';
import { TensorProto_DataType as DataType, ValueInfoProtoSchema, type TensorProto } from 'onnx-buf';
import { UserError } from '../../base/UserError';
import { quoted } from '../../base/quoted';
import { elementTypeCode } from '../file/elementTypes';
import type { ExternalFiles } from '../file/externalData';
import { Graph } from '../graph/Graph';
import { serializeWhole } from '../write/serializeModel';
import { extractPart, valueInfo } from './extractPart';
import type { WalkSegment } from './planWalk';
import { readNames } from './readNames';

/**
 * Serializes a segment of a walk, with all that it needs of constants.
 * @param types element type of every value that the segment reads, as `elementTypeName` names them
 * @param changed constants that have other values now, by name
 * @throws UserError as `serializeWhole`, or if a value has a type that cannot be fed
 */
export function buildSegment(
  graph: Graph,
  files: ExternalFiles,
  { nodes, reads, gives }: Pick<WalkSegment, 'nodes' | 'reads' | 'gives'>,
  types: ReadonlyMap<string, string>,
  changed: ReadonlyMap<string, TensorProto>,
): Uint8Array {
  const constants = constantNodes(graph, nodes.flatMap(readNames), changed);
  const wanted = new Set([...nodes, ...constants]);
  const part = extractPart(graph.model, {
    nodes: graph.nodes.filter((node) => wanted.has(node)),
    inputs: reads.map((name) => valueInfo(name, typeCode(name, types.get(name)!), null)),
    outputs: gives.map((name) => create(ValueInfoProtoSchema, { name })),
    constants: [...changed.values()],
  });
  return serializeWhole(new Graph(part), files);
}

/** The nodes that names which are constants follow from, as far as these have the values of the model. */
function constantNodes({ main }: Graph, names: readonly string[], changed: ReadonlyMap<string, unknown>) {
  const nodes = new Set<Graph['nodes'][number]>();
  const pending = [...names];
  const seen = new Set<string>();
  // The list grows while it is walked: no recursion, whose depth the file would choose.
  for (const name of pending) {
    if (seen.has(name) || changed.has(name) || !main.isConstant(name)) continue;
    seen.add(name);
    const definition = main.definitions.get(name);
    if (definition?.kind === 'node') {
      nodes.add(definition.node);
      for (const input of definition.node.input) pending.push(input);
    } else if (definition?.kind === 'constant' && definition.constant.node)
      nodes.add(definition.constant.node);
  }
  return nodes;
}

function typeCode(name: string, type: string): number {
  const code = type === 'string' ? DataType.STRING : elementTypeCode(type);
  if (code === undefined)
    throw new UserError(`The value ${quoted(name)} has the type ${type}, which cannot be fed.`);
  return code;
}
