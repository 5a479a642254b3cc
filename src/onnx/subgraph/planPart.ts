import type { NodeProto } from 'onnx-buf';
import type { InspectedModel } from '../read/inspectModel';
import type { ConstantTensor, Scope } from '../graph/Scope';
import { readNames } from './readNames';

/** The part of a model that computes anew when one weight changes. */
export interface PartPlan {
  readonly constant: ConstantTensor;
  /** Nodes of the main graph, in its order: those that the weight reaches, and what they need of constants. */
  readonly nodes: readonly NodeProto[];
  /** Values that they read of the rest: inputs of the model, and values that stay as they are. */
  readonly cut: readonly string[];
  /** The model's outputs that the weight reaches. */
  readonly outputs: readonly string[];
}

/**
 * Finds what one layer's weight reaches. All else is the same for every variant of the weight, so that it need be computed only once.
 * @returns the plan, or why there is none, as the end of a sentence
 */
export function planPart(
  { graph }: Pick<InspectedModel, 'graph'>,
  constant: ConstantTensor,
): PartPlan | string {
  const { main } = graph;
  if (constant.scope.outermost !== main) return 'its weight is inside a function';
  if (constant.sparse) return 'its weight is sparse';
  const reached = new Set<string>(constant.scope === main ? [constant.name] : []);
  const holder = outermostHolder(constant.scope);
  const affected: NodeProto[] = [];
  for (const node of graph.nodes) {
    if (node === constant.node) continue;
    if (node !== holder && !readNames(node).some((name) => reached.has(name))) continue;
    affected.push(node);
    for (const name of node.output) if (name !== '') reached.add(name);
  }
  const { cut, constants } = whatTheyRead(main, affected, reached);
  const kept = new Set([...affected, ...constants]);
  return {
    constant,
    nodes: graph.nodes.filter((node) => kept.has(node) && node !== constant.node),
    cut,
    outputs: graph.model.graph.output.map(({ name }) => name).filter((name) => reached.has(name)),
  };
}

/** The node of the main graph that holds an inner graph, however deep; null for the main graph. */
function outermostHolder(scope: Scope): NodeProto | null {
  return scope.parent?.parent ? outermostHolder(scope.parent) : scope.holder;
}

/** Names from outside that are no constants, and the nodes that make those that are. */
export function whatTheyRead(main: Scope, affected: readonly NodeProto[], reached: ReadonlySet<string>) {
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
      for (const input of definition.node.input) pending.push(input);
    } else if (definition.kind === 'constant' && definition.constant.node)
      constants.add(definition.constant.node);
  }
  return { cut: [...cut], constants };
}
