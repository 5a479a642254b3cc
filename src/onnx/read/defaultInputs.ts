import type { ParsedModel } from '../file/parseModel';
import { IR_WITH_PLAIN_INITIALIZERS } from '../file/irVersions';

/**
 * Inputs of a model that a caller may leave out, as an initializer of the same name is their default value (ONNX IR specification,
 * "Graphs"). None before IR version 4, which had every initializer listed as an input and let nobody replace it.
 */
export function defaultInputs({ irVersion, graph }: ParsedModel): string[] {
  if (irVersion < IR_WITH_PLAIN_INITIALIZERS) return [];
  const initializers = new Set(graph.initializer.map(({ name }) => name));
  for (const { values } of graph.sparseInitializer) if (values) initializers.add(values.name);
  return graph.input.map(({ name }) => name).filter((name) => initializers.has(name));
}
