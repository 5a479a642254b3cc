import type { FunctionProto, GraphProto, NodeProto, TensorProto } from 'onnx-buf';

/** Changes to one graph, collected so that the graph is walked once however many they are. */
export class GraphEdits {
  private readonly first: NodeProto[] = [];
  private readonly afterFirst: NodeProto[] = [];
  private readonly initializers: TensorProto[] = [];
  private readonly removed = new Set<TensorProto>();
  private readonly replaced = new Map<NodeProto, readonly NodeProto[]>();

  constructor(private readonly graph: GraphProto | FunctionProto) {}

  /** Adds nodes before all others, also before those that stand for initializers. */
  addFirst(nodes: readonly NodeProto[]): void {
    this.first.push(...nodes);
  }

  addInitializers(tensors: readonly TensorProto[]): void {
    this.initializers.push(...tensors);
  }

  replaceNode(node: NodeProto, nodes: readonly NodeProto[]): void {
    this.replaced.set(node, nodes);
  }

  /** Takes an initializer out, also where it is listed as an input or annotated; nodes that make it go to the front. */
  replaceInitializer(tensor: TensorProto, nodes: readonly NodeProto[]): void {
    this.removed.add(tensor);
    this.afterFirst.push(...nodes);
  }

  apply(): void {
    const { graph } = this;
    graph.node = [
      ...this.first,
      ...this.afterFirst,
      ...graph.node.flatMap((node) => this.replaced.get(node) ?? [node]),
    ];
    if (graph.$typeName !== 'onnx.GraphProto') return;
    const names = new Set([...this.removed].map(({ name }) => name));
    graph.initializer = [
      ...graph.initializer.filter((tensor) => !this.removed.has(tensor)),
      ...this.initializers,
    ];
    graph.input = graph.input.filter(({ name }) => !names.has(name));
    graph.quantizationAnnotation = graph.quantizationAnnotation.filter(
      ({ tensorName }) => !names.has(tensorName),
    );
  }
}
