import type { NodeProto } from 'onnx-buf';
import type { InspectedModel } from '../read/inspectModel';
import { subgraphs } from '../graph/nodes';
import type { ConstantTensor, Scope } from '../graph/Scope';

/** The part of a model that computes anew when one weight changes. */
export interface PartPlan {
  readonly constant: ConstantTensor;
  /** Nodes of the main graph, in its order: those that the weight reaches, and what they need of constants. */
  readonly nodes: readonly NodeProto[];
  /** What they read of the rest: inputs of the model, and values that stay as they are. */
  readonly cut: readonly string[];
  /** The model's outputs that the weight reaches. */
  readonly outputs: readonly string[];
}

/**
 * Finds what one layer's weight reaches. All else is the same for every variant of the weight, so that it need be computed only once.
 * @returns the plan, or why there is none, as the end of a sentence
 */
export function planPart({ model, scopes }: InspectedModel, constant: ConstantTensor): PartPlan | string {
  const main = scopes[0]!;
  if (constant.scope.outermost !== main) return 'its weight is inside a function';
  if (constant.sparse) return 'its weight is sparse';
  const reached = new Set<string>(constant.scope === main ? [constant.name] : []);
  const affected: NodeProto[] = [];
  for (const node of model.graph.node) {
    if (node === constant.node) continue;
    const holds = constant.scope !== main && contains(node, constant.scope);
    if (!holds && !readNames(node).some((name) => reached.has(name))) continue;
    affected.push(node);
    for (const name of node.output) if (name !== '') reached.add(name);
  }
  const { cut, constants } = whatTheyRead(main, affected, reached);
  const kept = new Set([...affected, ...constants]);
  return {
    constant,
    nodes: model.graph.node.filter((node) => kept.has(node) && node !== constant.node),
    cut,
    outputs: model.graph.output.map(({ name }) => name).filter((name) => reached.has(name)),
  };
}

/** Every name that a node reads, also those that the graphs in it see of the graphs around them. */
export function readNames(node: NodeProto): string[] {
  return [
    ...node.input,
    ...subgraphs(node).flatMap(({ graph }) => [
      ...graph.node.flatMap(readNames),
      ...graph.output.map(({ name }) => name),
    ]),
  ].filter((name) => name !== '');
}

function contains(node: NodeProto, scope: Scope): boolean {
  return subgraphs(node).some(
    ({ graph }) => graph === scope.graph || graph.node.some((inner) => contains(inner, scope)),
  );
}

/** Names from outside that are no constants, and the nodes that make those that are. */
function whatTheyRead(main: Scope, affected: readonly NodeProto[], reached: ReadonlySet<string>) {
  const cut = new Set<string>();
  const constants = new Set<NodeProto>();
  const pending = affected.flatMap(readNames);
  const seen = new Set<string>();
  for (const name of pending) {
    if (seen.has(name) || reached.has(name)) continue;
    seen.add(name);
    const definition = main.definitions.get(name);
    if (!definition) continue;
    if (!main.isConstant(name)) cut.add(name);
    else if (definition.kind === 'node') {
      constants.add(definition.node);
      // The list grows while it is walked: no recursion, whose depth the file would choose.
      pending.push(...definition.node.input);
    } else if (definition.kind === 'constant' && definition.constant.node)
      constants.add(definition.constant.node);
  }
  return { cut: [...cut], constants };
}
