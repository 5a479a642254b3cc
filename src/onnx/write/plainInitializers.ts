import { IR_WITH_PLAIN_INITIALIZERS } from '../file/irVersions';
import type { Graph } from '../graph/Graph';
import type { GraphEdits } from '../graph/GraphEdits';

/**
 * Raises a model to the first IR version in which initializers need not be inputs as well, and takes them out of the inputs: there
 * they would be default values, which a caller may replace, and no constants any more. Before, initializers of a subgraph would
 * have to be its inputs.
 */
export function makeInitializersPlain({ model, scopes }: Graph, edits: GraphEdits): void {
  if (model.irVersion >= IR_WITH_PLAIN_INITIALIZERS) return;
  edits.needIrVersion(IR_WITH_PLAIN_INITIALIZERS);
  for (const scope of scopes)
    if (scope.graph.$typeName === 'onnx.GraphProto')
      edits.in(scope).removeInputs(scope.graph.initializer.map(({ name }) => name));
}
