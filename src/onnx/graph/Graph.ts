import type { NodeProto } from 'onnx-buf';
import type { ParsedModel } from '../file/parseModel';
import { Consumers, type Consumer } from './Consumers';
import { GraphEdits } from './GraphEdits';
import { Scope } from './Scope';
import { nameGenerator } from './uniqueNames';

/**
 * A parsed model with an index of its graphs, names, producers and consumers. It is a value: nothing changes it, and `edit` gives
 * another one that shares all that is as it was, so that any number of jobs can hold it. The index is linear in the file's size and
 * made when it is first asked for.
 */
export class Graph {
  /** All graphs of the model, the enclosing ones first. */
  readonly scopes: readonly Scope[];
  private indexed: Consumers | null = null;

  constructor(readonly model: ParsedModel) {
    this.scopes = Scope.all(model);
  }

  get main(): Scope {
    return this.scopes[0]!;
  }

  /** The nodes of the main graph, producers before their consumers (ONNX IR specification, "Graphs"). */
  get nodes(): readonly NodeProto[] {
    return this.model.graph.node;
  }

  /** The node of the main graph that produces `name`; null for an initializer or an input. */
  producer(name: string): NodeProto | null {
    const definition = this.main.definitions.get(name);
    if (definition?.kind === 'constant') return definition.constant.node;
    return definition?.kind === 'node' ? definition.node : null;
  }

  /** The inputs of nodes that read the name which `scope` defines, in this graph or in one inside it, in the order of the file. */
  consumers(name: string, scope = this.main): readonly Consumer[] {
    return this.index.of(scope, name);
  }

  /** The one node that reads `name`, once and in the same graph; null if there are others, or the name is an output. */
  soleConsumer(name: string, scope = this.main): NodeProto | null {
    const [first, ...others] = this.consumers(name, scope);
    return first?.scope === scope && others.length === 0 && !this.isOutput(name, scope) ? first.node : null;
  }

  /** Whether the name which `scope` defines is an output of this graph or of one inside it. */
  isOutput(name: string, scope = this.main): boolean {
    return this.index.isOutput(scope, name);
  }

  /** A function that makes names out of hints, mostly their ends, which neither clash with one in any graph nor hide it. */
  freshNames(): (hint: string) => string {
    const generate = nameGenerator(namesIn(this.scopes), '_');
    return (hint) => generate(shortened(hint));
  }

  /** The graph with the changes that `change` collects; itself if there are none. */
  edit(change: (edits: GraphEdits) => void): Graph {
    const edits = new GraphEdits(this.model, this.scopes);
    change(edits);
    const model = edits.apply();
    return model === this.model ? this : new Graph(model);
  }

  private get index(): Consumers {
    return (this.indexed ??= new Consumers(this.scopes));
  }
}

/** Exporters' names are paths of hundreds of bytes, and each is written several times. */
const MAX_HINT = 48;

/** The end of a long hint, where what tells names apart stands, from the beginning of a word on. */
function shortened(hint: string): string {
  if (hint.length <= MAX_HINT) return hint;
  const end = hint.slice(-MAX_HINT);
  return end.replace(/^[^/._:]*[/._:]+(?=.)/, '');
}

/** Every name in any graph. */
function* namesIn(scopes: readonly Scope[]): Generator<string> {
  for (const { definitions, graph } of scopes) {
    yield* definitions.keys();
    for (const { name, input, output } of graph.node) {
      yield name;
      yield* input;
      yield* output;
    }
    for (const output of graph.output) yield typeof output === 'string' ? output : output.name;
    for (const { name } of graph.valueInfo) yield name;
  }
}
