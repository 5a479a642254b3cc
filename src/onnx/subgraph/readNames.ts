import type { NodeProto } from 'onnx-buf';
import { subgraphs } from '../graph/nodes';

/** Every name that a node reads, also those that the graphs in it see of the graphs around them. */
export function readNames(node: NodeProto): string[] {
  const captured = subgraphs(node).flatMap(({ graph }) => {
    // A name of its own hides one of the graphs around it.
    const own = new Set([
      ...[...graph.input, ...graph.initializer].map(({ name }) => name),
      ...graph.sparseInitializer.map(({ values }) => values?.name ?? ''),
      ...graph.node.flatMap(({ output }) => output),
    ]);
    const read = [...graph.node.flatMap(readNames), ...graph.output.map(({ name }) => name)];
    return read.filter((name) => !own.has(name));
  });
  return [...node.input, ...captured].filter((name) => name !== '');
}
