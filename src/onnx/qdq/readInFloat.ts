import { dataInputs } from '../graph/dataMovement';
import type { Scope } from '../graph/Scope';
import type { InspectedModel } from '../read/inspectModel';
import { CLIPS } from './clips';
import { MOVES_DATA } from './planChains';

/** Operators whose result consists of values of their first input, beside those of `dataInputs`. */
const PASSES_VALUES: ReadonlySet<string> = new Set([...CLIPS, ...MOVES_DATA, 'Dropout']);

/**
 * The values of the main graph that float layers read beside constants, in any graph, and those that they consist of: what is moved,
 * picked or clipped on the way. Each with one of the layers.
 */
export function readInFloat(
  { graph, layers }: Pick<InspectedModel, 'graph' | 'layers'>,
  float: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const read = new Map(graph.scopes.map((scope) => [scope, new Map<string, string>()]));
  const note = (scope: Scope, name: string, layer: string) => {
    const owner = scope.owner(name);
    if (owner && !owner.isConstant(name)) read.get(owner)!.set(name, layer);
  };
  for (const layer of float) {
    const constant = layers.get(layer)?.constant;
    if (!constant) continue;
    for (const { node, scope } of graph.consumers(constant.name, constant.scope))
      for (const name of node.input) note(scope, name, layer);
  }
  // Inner graphs and later nodes first: producers come before their consumers (ONNX IR specification, "Graphs").
  for (const scope of graph.scopes.toReversed())
    for (const node of scope.graph.node.toReversed()) {
      const inFloat = read.get(scope)!;
      const layer = inFloat.get(node.output.find((name) => inFloat.has(name)) ?? '');
      if (layer === undefined) continue;
      const values = dataInputs(node) ?? (PASSES_VALUES.has(node.opType) ? node.input.slice(0, 1) : []);
      for (const name of values) note(scope, name, layer);
    }
  return read.get(graph.main)!;
}
