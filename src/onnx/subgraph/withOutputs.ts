import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import type { InspectedModel } from '../read/inspectModel';

/**
 * A model whose external data is embedded, serialized with further outputs; the model itself stays as it is.
 * @param names of values in the main graph; those that are inputs or outputs already are left out
 */
export function withOutputs({ model }: InspectedModel, names: Iterable<string>): Uint8Array {
  const { graph } = model;
  const { output } = graph;
  const known = new Set([...output, ...graph.input].map(({ name }) => name));
  const added = [...new Set(names)].filter((name) => !known.has(name));
  graph.output = [...output, ...added.map((name) => create(ValueInfoProtoSchema, { name }))];
  try {
    return toBinary(ModelProtoSchema, model);
  } finally {
    graph.output = output;
  }
}
