import { create } from '@bufbuild/protobuf';
import { ValueInfoProtoSchema } from 'onnx-buf';
import type { ExternalFiles } from '../file/externalData';
import type { Graph } from '../graph/Graph';
import { serializeWhole } from '../write/serializeModel';

/**
 * A model serialized with further outputs, its external data embedded.
 * @param names of values in the main graph; those that are inputs or outputs already are left out
 * @throws UserError as `serializeWhole`
 */
export function withOutputs(graph: Graph, files: ExternalFiles, names: Iterable<string>): Uint8Array {
  const { input, output } = graph.model.graph;
  const listed = new Set([...output, ...input].map(({ name }) => name));
  const added = [...new Set(names)].filter((name) => !listed.has(name));
  const extended = graph.edit(({ main }) =>
    main.addOutputs(added.map((name) => create(ValueInfoProtoSchema, { name }))),
  );
  return serializeWhole(extended, files);
}
