import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  type SparseTensorProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { copyMessage, copyNode } from '../file/protos';
import type { Scope } from './Scope';

/** Changes to one graph of a model. Nodes and tensors are named by what they are in the graph as it is before the changes. */
export class ScopeEdits {
  private readonly first: NodeProto[] = [];
  private readonly afterFirst: NodeProto[] = [];
  private readonly drafts = new Map<NodeProto, NodeProto>();
  private readonly replaced = new Map<NodeProto, readonly NodeProto[]>();
  private readonly behind = new Map<NodeProto, NodeProto[]>();
  private readonly initializers: TensorProto[] = [];
  private readonly replacedTensors = new Map<object, object>();
  private readonly removed = new Set<TensorProto>();
  private readonly removedInputs = new Set<string>();
  private readonly outputs: ValueInfoProto[] = [];

  constructor(private readonly scope: Scope) {}

  /** Adds nodes before all others, also before those that stand for initializers. */
  addFirst(nodes: readonly NodeProto[]): void {
    for (const each of nodes) this.first.push(each);
  }

  /** Adds nodes behind one; those that are added later come behind those. */
  addBehind(node: NodeProto, nodes: readonly NodeProto[]): void {
    this.behind.set(node, [...(this.behind.get(node) ?? []), ...nodes]);
  }

  addInitializers(tensors: readonly TensorProto[]): void {
    for (const each of tensors) this.initializers.push(each);
  }

  addOutputs(values: readonly ValueInfoProto[]): void {
    for (const each of values) this.outputs.push(each);
  }

  removeInputs(names: readonly string[]): void {
    for (const name of names) this.removedInputs.add(name);
  }

  /** A copy of the node that takes its place, always the same one; it may be changed until the edits are applied. */
  draft(node: NodeProto): NodeProto {
    const draft = this.drafts.get(node) ?? copyNode(node);
    this.drafts.set(node, draft);
    return draft;
  }

  /** Puts nodes in a node's place, among which may be its draft; none of them removes it. */
  replaceNode(node: NodeProto, nodes: readonly NodeProto[]): void {
    this.replaced.set(node, nodes);
  }

  /** Takes an initializer out, also where it is listed as an input or annotated; nodes that produce its name go to the front. */
  replaceInitializer(tensor: TensorProto, nodes: readonly NodeProto[]): void {
    this.removed.add(tensor);
    for (const each of nodes) this.afterFirst.push(each);
  }

  /** Puts a tensor in the place of an initializer, dense or sparse. */
  replaceTensor<T extends TensorProto | SparseTensorProto>(before: T, after: T): void {
    this.replacedTensors.set(before, after);
  }

  /** Puts a graph in the place of one that is an attribute of a node. */
  replaceSubgraph(
    holder: NodeProto,
    before: GraphProto | FunctionProto,
    after: GraphProto | FunctionProto,
  ): void {
    const now = (graph: GraphProto) => (graph === before ? (after as GraphProto) : graph);
    const draft = this.draft(holder);
    draft.attribute = draft.attribute.map((attribute) => {
      const { g, graphs } = attribute;
      return g === before || graphs.some((graph) => graph === before)
        ? copyMessage(AttributeProtoSchema, attribute, { ...(g && { g: now(g) }), graphs: graphs.map(now) })
        : attribute;
    });
  }

  /** The graph with the changes; that of the scope itself if there are none. */
  apply(): GraphProto | FunctionProto {
    const { graph } = this.scope;
    if (this.isEmpty) return graph;
    const node = [...this.first, ...this.afterFirst, ...graph.node.flatMap((each) => this.now(each))];
    if (graph.$typeName !== 'onnx.GraphProto') return copyMessage(FunctionProtoSchema, graph, { node });
    const names = new Set([...this.removed].map(({ name }) => name));
    const { initializer, sparseInitializer, input, output, quantizationAnnotation } = graph;
    const now = <T extends object>(tensor: T) =>
      (this.replacedTensors.get(tensor) as T | undefined) ?? tensor;
    return copyMessage(GraphProtoSchema, graph, {
      node,
      initializer: [
        ...initializer.filter((tensor) => !this.removed.has(tensor)).map(now),
        ...this.initializers,
      ],
      sparseInitializer: sparseInitializer.map(now),
      input: input.filter(({ name }) => !names.has(name) && !this.removedInputs.has(name)),
      output: [...output, ...this.outputs],
      quantizationAnnotation: quantizationAnnotation.filter(({ tensorName }) => !names.has(tensorName)),
    });
  }

  private now(node: NodeProto): readonly NodeProto[] {
    const nodes = this.replaced.get(node) ?? [this.drafts.get(node) ?? node];
    const behind = this.behind.get(node);
    return behind ? [...nodes, ...behind] : nodes;
  }

  private get isEmpty(): boolean {
    const { first, afterFirst, initializers, outputs } = this;
    const { drafts, replaced, behind, replacedTensors, removed, removedInputs } = this;
    return (
      [first, afterFirst, initializers, outputs].every(({ length }) => length === 0) &&
      [drafts, replaced, behind, replacedTensors, removed, removedInputs].every(({ size }) => size === 0)
    );
  }
}
