/**
 * Recognises the layers of a model in a later state of it: folded, at another opset, with nodes renamed or fused.
 *
 * A layer is its weight's constant and what its nodes make, never a node's name, which converters give, change and drop. Two layers
 * are the same
 * - if the later one's constant has the name of the earlier one's, or of a value that data movement makes of that on its way to a
 *   node: folding the movement leaves a constant under this name;
 * - else if a node of the later one makes the value that a node of the earlier one makes, or what operators behind it that a fusion
 *   takes up (BatchNormalization, Add, Mul and their like with a constant) make of that: such a fusion computes a new constant under a
 *   new name, and its node has the last one's output.
 */
import type { NodeProto } from 'onnx-buf';
import { dataInputs } from '../graph/dataMovement';
import { isStandard } from '../graph/nodes';
import type { Graph } from '../graph/Graph';
import type { Scope } from '../graph/Scope';
import { nameGenerator } from '../graph/uniqueNames';
import type { Layer } from './findLayers';
import type { InspectedModel } from './inspectModel';
import { quantizedInputs, weightInputs } from './weightOps';

export interface LayerMatch {
  /**
   * Layers of the later state by name, each with the names of those of the earlier one that it is made of: mostly one, several
   * where their weights were joined, none if it is new.
   */
  readonly origins: ReadonlyMap<string, readonly string[]>;
  /** Layers of the earlier state that none of the later ones is made of. */
  readonly lost: readonly string[];
}

/** Operators that a fusion takes up into the layer before them, if their other inputs are constants. */
const FUSED: ReadonlySet<string> = new Set([
  ...['BatchNormalization', 'Add', 'Sub', 'Mul', 'Div', 'Identity', 'Dropout'],
]);
/** Such operators in a row that are followed. */
const MAX_FUSED = 8;

/** Finds out which layers of `before` the layers of `after` are, two states of one model. */
export function matchLayers(before: InspectedModel, after: InspectedModel): LayerMatch {
  const earlier = traceLayers(before);
  const later = traceLayers(after);
  const taken = new Set<Layer>();
  const origins = new Map<string, string[]>();
  for (const layer of after.layers.values()) {
    const byResult = () =>
      later.results
        .get(layer)
        ?.map((key) => earlier.fused.get(key))
        .find(Boolean);
    const found = earlier.values.get(layer.constant.name) ?? byResult() ?? [];
    const same = inSameGraph(found, layer, taken);
    for (const origin of same) taken.add(origin);
    origins.set(
      layer.summary.name,
      same.map(({ summary }) => summary.name),
    );
  }
  const lost = [...before.layers.values()].filter((layer) => !taken.has(layer));
  return { origins, lost: lost.map(({ summary }) => summary.name) };
}

/**
 * The later state with its layers under the names that they have in the earlier one. Where a layer was cut into several, one of them
 * has its name, and the others names that the earlier state has not; one that is made of several has the first one's.
 */
export function withLayerNames<T extends InspectedModel>(after: T, { origins, lost }: LayerMatch): T {
  const heirs = new Map<string, string>();
  for (const [name, [origin]] of origins)
    if (origin !== undefined && (name === origin || !heirs.has(origin))) heirs.set(origin, name);
  const fresh = nameGenerator([...lost, ...[...origins.values()].flat()], '#');
  const layers = new Map<string, Layer>();
  for (const [name, layer] of after.layers) {
    const [origin] = origins.get(name) ?? [];
    const own = origin !== undefined && heirs.get(origin) === name ? origin : fresh(name);
    layers.set(own, { ...layer, summary: { ...layer.summary, name: own } });
  }
  const summaries = [...layers.values()].map(({ summary }) => summary);
  return { ...after, layers, inspection: { ...after.inspection, layers: summaries } };
}

interface LayerTraces {
  /** Layers by the names that their weights have on the way to nodes. */
  readonly values: ReadonlyMap<string, readonly Layer[]>;
  /** The outputs of each layer's nodes; with a suffix where a node has several weights. */
  readonly results: ReadonlyMap<Layer, readonly string[]>;
  /** Layers by these outputs, and by what nodes behind them make that a fusion takes up. */
  readonly fused: ReadonlyMap<string, readonly Layer[]>;
}

function traceLayers({ graph, layers }: InspectedModel): LayerTraces {
  const values = new Map<string, Layer[]>();
  const results = new Map<Layer, string[]>();
  const fused = new Map<string, Layer[]>();
  for (const layer of layers.values()) add(values, layer.constant.name, [layer]);
  for (const scope of graph.scopes)
    for (const node of scope.graph.node) {
      // Producers come before their readers (ONNX IR specification, "Graphs"), so that one pass follows every weight.
      const moved = dataInputs(node)?.flatMap((name) => values.get(name) ?? []) ?? [];
      if (moved.length > 0) for (const output of node.output) add(values, output, moved);
      for (const { index, suffix } of layerInputsOf(node)) {
        const used = values.get(node.input[index] ?? '') ?? [];
        const outputs = node.output.filter(Boolean).map((output) => output + suffix);
        for (const layer of used) add(results, layer, outputs);
        if (used.length > 0)
          for (const output of [...outputs, ...behind(graph, scope, node)]) add(fused, output, used);
      }
    }
  return { values, results, fused };
}

function layerInputsOf(node: NodeProto): { index: number; suffix: string }[] {
  return [...weightInputs(node), ...quantizedInputs(node).map((index) => ({ index, suffix: '' }))];
}

/** Values of the nodes behind this one that a fusion takes up into it. */
function behind(graph: Graph, scope: Scope, node: NodeProto): string[] {
  const outputs: string[] = [];
  let value = node.output[0] ?? '';
  while (outputs.length < MAX_FUSED) {
    const reader = graph.soleConsumer(value, scope);
    if (!reader || !isStandard(reader) || !FUSED.has(reader.opType)) break;
    if (reader.input.some((name) => name !== '' && name !== value && !scope.isConstant(name))) break;
    value = reader.output[0] ?? '';
    outputs.push(value);
  }
  return outputs;
}

/** Graphs can use one name for different constants: of layers with the same one's name, the one in the same graph or the next. */
function inSameGraph(found: readonly Layer[], { constant }: Layer, taken: ReadonlySet<Layer>): Layer[] {
  const byName = new Map<string, Layer[]>();
  for (const layer of new Set(found)) add(byName, layer.constant.name, [layer]);
  return [...byName.values()].map(
    (layers) =>
      layers.find((layer) => layer.constant.scope.name === constant.scope.name) ??
      layers.find((layer) => !taken.has(layer)) ??
      layers[0]!,
  );
}

function add<K, T>(map: Map<K, T[]>, key: K, items: readonly T[]): void {
  const list = map.get(key);
  if (list) for (const item of items) list.push(item);
  else map.set(key, [...items]);
}
