import type { NodeProto } from 'onnx-buf';
import type { Scope } from './Scope';

/** An input of a node that reads a name. */
export interface Consumer {
  readonly node: NodeProto;
  /** The graph that the node is in: that of the name, or one inside it. */
  readonly scope: Scope;
  /** Index among the node's inputs. */
  readonly index: number;
}

/** Who reads which name. A name in a subgraph is that of an enclosing graph unless the subgraph defines it itself. */
export class Consumers {
  private readonly consumers = new Map<Scope, Map<string, Consumer[]>>();
  private readonly outputs = new Map<Scope, Set<string>>();

  constructor(scopes: readonly Scope[]) {
    for (const scope of scopes) {
      this.consumers.set(scope, new Map());
      this.outputs.set(scope, new Set());
    }
    for (const scope of scopes) {
      for (const node of scope.graph.node)
        node.input.forEach((name, index) => this.add(name, { node, scope, index }));
      for (const output of scope.graph.output) {
        const name = typeof output === 'string' ? output : output.name;
        this.outputs.get(scope.owner(name) ?? scope)!.add(name);
      }
    }
  }

  of(scope: Scope, name: string): readonly Consumer[] {
    return this.consumers.get(scope)!.get(name) ?? [];
  }

  isOutput(scope: Scope, name: string): boolean {
    return this.outputs.get(scope)!.has(name);
  }

  private add(name: string, consumer: Consumer): void {
    const owner = name === '' ? null : consumer.scope.owner(name);
    if (!owner) return;
    const names = this.consumers.get(owner)!;
    const list = names.get(name);
    if (list) list.push(consumer);
    else names.set(name, [consumer]);
  }
}
