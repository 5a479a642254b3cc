import type { InspectedModel } from '../read/inspectModel';

/** Takes out of the main graph DequantizeLinear nodes and initializers that nothing reads any more. */
export function removeDeadNodes({ model: { graph }, scopes }: InspectedModel): void {
  const outputs = graph.output.map(({ name }) => name);
  const read = () =>
    new Set([...outputs, ...scopes.flatMap((scope) => scope.graph.node.flatMap(({ input }) => input))]);
  const before = read();
  graph.node = graph.node.filter(
    ({ opType, output }) => opType !== 'DequantizeLinear' || before.has(output[0]!),
  );
  const after = read();
  const unread = new Set(graph.initializer.map(({ name }) => name).filter((name) => !after.has(name)));
  graph.initializer = graph.initializer.filter(({ name }) => !unread.has(name));
  // Before IR version 4 initializers are inputs as well.
  graph.input = graph.input.filter(({ name }) => !unread.has(name));
}
