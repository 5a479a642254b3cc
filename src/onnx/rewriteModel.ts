import type { GraphProto, NodeProto, TensorProto } from 'onnx-buf';
import type { EncodedTensor } from '../quant/EncodedTensor';
import { emitWeight } from './emitWeight';
import type { Layer } from './findLayers';
import type { InspectedModel } from './inspectModel';
import { constantNode, floatTensor } from './protos';
import type { Scope } from './Scope';

/** First IR version in which initializers need not be inputs as well (ONNX IR specification, version 4). */
const IR_WITH_PLAIN_INITIALIZERS = 4n;
const IR_WITH_INT4 = 10n;

/**
 * Replaces weights by their quantized form, in place: the caller owns the model. Every weight keeps its name and type, so that
 * nothing else in the graph changes.
 * @param replacements layer name to quantized weight
 */
export function rewriteModel(
  inspected: InspectedModel,
  replacements: ReadonlyMap<string, EncodedTensor>,
): void {
  const { model, scopes, layers } = inspected;
  const freshName = nameGenerator(scopes);
  const inserted = new Map<Scope, Insertion>();
  const insertionOf = (scope: Scope): Insertion => {
    const found = inserted.get(scope) ?? { scope, front: [], constants: [], replaced: new Map() };
    inserted.set(scope, found);
    return found;
  };
  const mustBeNodes = (scope: Scope) => scope.isFunction || model.irVersion < IR_WITH_PLAIN_INITIALIZERS;
  const tables = new Map<string, string>();

  for (const [name, tensor] of replacements) {
    const layer = layers.get(name);
    if (!layer || layer.summary.quantized !== null) throw new Error(`"${name}" is no layer to be replaced.`);
    const { scope, node } = layer.constant;
    // Names of the main graph are visible in its subgraphs, so that one table serves all; functions see only their own.
    const home = outermost(scope);
    const insertion = insertionOf(scope);
    const emitted = emitWeight(tensor, {
      name: layer.constant.name,
      shape: layer.summary.shape,
      layout: layer.layout,
      dataType: layer.constant.tensor.dataType,
      opset: scope.opset,
      freshName,
      sharedTable: (table, width) => {
        const key = `${home.name}\n${width}\n${table.join()}`;
        const known = tables.get(key);
        if (known) return known;
        const fresh = freshName(`quantscope_table_${8 / width}bit`);
        tables.set(key, fresh);
        const constant = floatTensor(fresh, [256, width], table);
        const target = insertionOf(home);
        if (mustBeNodes(home)) target.front.unshift(constantNode(constant));
        else target.constants.push(constant);
        return fresh;
      },
    });
    if (emitted.needsIr10 && model.irVersion < IR_WITH_INT4) model.irVersion = IR_WITH_INT4;
    place(insertion, layer, emitted, node !== null || mustBeNodes(scope));
  }
  for (const insertion of inserted.values()) apply(insertion);
}

/** What is to change in one graph. */
interface Insertion {
  readonly scope: Scope;
  /** Nodes that go before all others. */
  readonly front: NodeProto[];
  readonly constants: TensorProto[];
  /** Constant nodes, and what takes their place. */
  readonly replaced: Map<NodeProto, NodeProto[]>;
}

function place(
  insertion: Insertion,
  { constant }: Layer,
  { constants, nodes }: { constants: TensorProto[]; nodes: NodeProto[] },
  asNodes: boolean,
): void {
  const all = asNodes ? [...constants.map(constantNode), ...nodes] : nodes;
  if (!asNodes) insertion.constants.push(...constants);
  if (constant.node) insertion.replaced.set(constant.node, all);
  else {
    insertion.front.push(...all);
    removeInitializer(insertion.scope.graph as GraphProto, constant.tensor);
  }
}

function apply({ scope, front, constants, replaced }: Insertion): void {
  const { graph } = scope;
  graph.node = [...front, ...graph.node.flatMap((node) => replaced.get(node) ?? [node])];
  if (graph.$typeName === 'onnx.GraphProto') graph.initializer.push(...constants);
}

/** Takes an initializer out, also where it is listed as an input or annotated. */
function removeInitializer(graph: GraphProto, tensor: TensorProto): void {
  graph.initializer = graph.initializer.filter((other) => other !== tensor);
  graph.input = graph.input.filter(({ name }) => name !== tensor.name);
  graph.quantizationAnnotation = graph.quantizationAnnotation.filter(
    ({ tensorName }) => tensorName !== tensor.name,
  );
}

function outermost(scope: Scope): Scope {
  let outer = scope;
  while (outer.parent) outer = outer.parent;
  return outer;
}

/** Makes names that nothing in the model has, in any graph, so that nothing is shadowed. */
function nameGenerator(scopes: readonly Scope[]): (hint: string) => string {
  const taken = new Set<string>();
  for (const { definitions, graph } of scopes) {
    for (const name of definitions.keys()) taken.add(name);
    for (const { name } of graph.node) taken.add(name);
  }
  return (hint) => {
    let name = hint;
    for (let i = 2; taken.has(name); i++) name = `${hint}_${i}`;
    taken.add(name);
    return name;
  };
}
