import type { InspectedModel } from '../read/inspectModel';

/** Every name in any graph, as the model is now. */
export function* namesIn({ scopes }: InspectedModel): Generator<string> {
  for (const { graph } of scopes) {
    for (const { name, input, output } of graph.node) yield* [name, ...input, ...output];
    if (graph.$typeName === 'onnx.GraphProto')
      for (const { name } of [...graph.initializer, ...graph.input, ...graph.output]) yield name;
  }
}
