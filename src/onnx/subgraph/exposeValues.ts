import { create } from '@bufbuild/protobuf';
import { ValueInfoProtoSchema, type NodeProto } from 'onnx-buf';
import { constantNode, makeNode, makeTensor } from '../file/protos';
import type { Graph } from '../graph/Graph';
import type { GraphEdits } from '../graph/GraphEdits';
import type { Scope } from '../graph/Scope';

/** A value that is read in an inner graph. */
export interface ScopedValue {
  readonly name: string;
  readonly scope: Scope;
  /** ONNX's number of its element type. */
  readonly elemType: number;
}

/** Why a value of this graph cannot be shown outside, as the end of a sentence; null if it can: all graphs around it are branches of an If. */
export function exposureProblem(scope: Scope): string | null {
  for (let each = scope; each.parent; each = each.parent)
    if (each.holder?.opType !== 'If') return 'it is in a graph that runs many times';
  return scope.outermost.isFunction ? 'it is in a function' : null;
}

/**
 * Makes what inner graphs read visible in the main graph, as further outputs of the nodes that hold them. Where another branch is
 * taken, these are empty lists, as nothing is read there.
 * @returns the graph, and under which name each value is found in its main graph, in order
 */
export function exposeValues(
  graph: Graph,
  values: readonly ScopedValue[],
): { readonly graph: Graph; readonly names: readonly string[] } {
  const freshName = graph.freshNames();
  const exposed = new Map<Scope, Map<string, string>>();
  const names: string[] = [];
  const changed = graph.edit((edits) => {
    for (const { name, scope, elemType } of values) {
      const known = exposed.get(scope) ?? new Map<string, string>();
      exposed.set(scope, known);
      const outside = known.get(name) ?? lifted(graph, edits, { name, scope, elemType }, freshName);
      known.set(name, outside);
      names.push(outside);
    }
  });
  return { graph: changed, names };
}

/** Brings a value up to the main graph. @returns its name there */
function lifted(
  graph: Graph,
  edits: GraphEdits,
  { name, scope, elemType }: ScopedValue,
  freshName: (hint: string) => string,
): string {
  let value = name;
  let producer = producerIn(scope, name);
  for (let inner = scope; inner.parent; inner = inner.parent) {
    const [seen, outside] = [freshName(`${name}_seen`), freshName(`${name}_seen`)];
    const holder = inner.holder!;
    const see = [makeNode('Identity', [value], seen)];
    if (producer) edits.in(inner).addBehind(producer, see);
    else edits.in(inner).addFirst(see);
    edits.in(inner).addOutputs([create(ValueInfoProtoSchema, { name: seen })]);
    for (const other of graph.scopes)
      if (other.holder === holder && other !== inner) {
        const empty = freshName(`${name}_unseen`);
        const none = makeTensor(empty, elemType, [0], new Uint8Array());
        edits.in(other).addFirst([constantNode(none)]);
        edits.in(other).addOutputs([create(ValueInfoProtoSchema, { name: empty })]);
      }
    edits.in(inner.parent).draft(holder).output.push(outside);
    [value, producer] = [outside, holder];
  }
  return value;
}

/** Null for a value of a graph around this one, which is there from the beginning. */
function producerIn(scope: Scope, name: string): NodeProto | null {
  const definition = scope.definitions.get(name);
  return definition?.kind === 'node' ? definition.node : null;
}
