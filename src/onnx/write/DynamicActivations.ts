import type { Consumer } from '../graph/Consumers';
import type { GraphEdits } from '../graph/GraphEdits';
import type { Scope } from '../graph/Scope';
import { copyNode, makeNode } from '../file/protos';
import type { DynamicActivation } from './emitDynamic';

/** Activations that are quantized as they come, each once in the graph that it is read in. */
export class DynamicActivations {
  private readonly found = new Map<Scope, Map<string, DynamicActivation>>();

  constructor(
    private readonly edits: GraphEdits,
    private readonly freshName: (hint: string) => string,
  ) {}

  /** Quantizes what `reader` reads: behind the node that makes it, or where the graph begins. */
  quantize(name: string, { scope }: Consumer): DynamicActivation {
    const owner = scope.owner(name) ?? scope;
    const names = this.found.get(owner) ?? new Map<string, DynamicActivation>();
    this.found.set(owner, names);
    const known = names.get(name);
    if (known) return known;
    const outputs = ['codes', 'scale', 'zero_point'].map((hint) => this.freshName(`${name}_${hint}`));
    const node = copyNode(makeNode('DynamicQuantizeLinear', [name], outputs[0]!));
    node.output = outputs;
    const definition = owner.definitions.get(name);
    const producer = definition?.kind === 'node' ? definition.node : null;
    if (producer) this.edits.in(owner).addBehind(producer, [node]);
    else this.edits.in(owner).addFirst([node]);
    const activation = outputs as unknown as DynamicActivation;
    names.set(name, activation);
    return activation;
  }
}
