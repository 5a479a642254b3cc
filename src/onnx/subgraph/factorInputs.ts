import { elementCount } from '../file/shapes';
import { attribute, intOf } from '../graph/nodes';
import type { Layer } from '../read/findLayers';
import type { InspectedModel } from '../read/inspectModel';
import { movedShapes, type ShapeOf } from '../read/movedShapes';
import { exposureProblem } from './exposeValues';
import { biasOf, layerInputs, useOf, type LayerInputs, type LayerUse } from './layerInputs';
import { movedElements, type MovedElements } from './movedElements';
import { transposedInputs } from './transposedInputs';
import { weightSites, type WeightSite } from './weightSites';

/**
 * The inputs of a layer for its own output error, of more kinds of layers than have integer kernels: also those in branches of an If, those whose
 * weight is transposed or otherwise moved on the way, and recurrent ones.
 * @returns or why they cannot be told, as the end of a sentence
 */
export function factorInputs(model: InspectedModel, layer: Layer): LayerInputs | string {
  const transposed = transposedInputs(model, layer);
  if (transposed !== null) return transposed;
  const known = layerInputs(model, layer);
  if (typeof known !== 'string') return known;
  const sites = weightSites(model.graph, layer.constant);
  if (typeof sites === 'string') return sites;
  const shapeOf = movedShapes(model.graph.scopes);
  const uses: FoundUse[] = [];
  for (const site of sites) {
    const use = findUse(site, layer, shapeOf);
    if (typeof use === 'string') return use;
    uses.push(use);
  }
  const [first] = uses as [FoundUse];
  if (uses.some(({ groups }) => groups !== first.groups)) return 'its users disagree about groups';
  const { outer, inner, channels } = layer.layout;
  const { scope, node, name } = sites[0]!;
  return {
    uses: uses.map(({ use }) => use),
    ...{ inputs: outer * inner * first.groups, channels, groups: first.groups, taps: null },
    bias: sites.length === 1 && first.inOrder ? biasOf(scope, [node], name, channels) : null,
  };
}

interface FoundUse {
  readonly use: LayerUse;
  readonly groups: number;
  /** Whether the rows are the layer's channels in their order. */
  readonly inOrder: boolean;
}

function findUse(site: WeightSite, layer: Layer, shapeOf: ShapeOf): FoundUse | string {
  const { scope, name } = site;
  const moved = movedElements(layer.constant, scope, name, shapeOf);
  if (!moved) return 'its weight is moved about on the way';
  const found = recurrentUse(site, moved) ?? productUse(site, moved);
  if (typeof found === 'string') return found;
  const rows = rowsOf(moved, found, layer.layout);
  if (rows === null) return 'its weight is rearranged on the way';
  if (found.groups > 1 && !rows.inOrder) return 'the groups of its weight are rearranged on the way';
  const { use, groups } = found;
  const read = [use.input, ...(use.vectors.kind === 'states' ? [use.vectors.initial] : [])];
  if (read.some((value) => value !== null && scope.isConstant(value))) return 'its input is a constant';
  const problem = exposureProblem(scope);
  if (problem !== null) return problem;
  return { use: scope.parent ? { ...use, scope } : use, groups, inOrder: rows.inOrder };
}

interface Product {
  readonly use: LayerUse;
  readonly groups: number;
  /** Whether the rows are the columns of the weight as the node reads it. */
  readonly transposed: boolean;
  /** Axes that count the rows, or the columns in their place. */
  readonly axes: number;
}

function productUse({ node, name }: WeightSite, { shape }: MovedElements): Product | string {
  const use = useOf(node, name, shape);
  if (typeof use === 'string') return use;
  const groups = node.opType === 'Conv' ? intOf(node, 'group') || 1 : 1;
  const isRight = node.input.indexOf(name) === 1;
  const turned = intOf(node, isRight ? 'transB' : 'transA') === 1;
  return { use, groups, transposed: node.opType !== 'Conv' && isRight !== turned, axes: 1 };
}

const RECURRENT = ['LSTM', 'GRU', 'RNN'];

/** W of a recurrent node, which multiplies what it reads, or R, which multiplies its states; null of another node. */
function recurrentUse({ node, index }: WeightSite, { shape }: MovedElements): Product | string | null {
  if (!RECURRENT.includes(node.opType)) return null;
  const [directions] = shape;
  if (shape.length !== 3 || (index !== 1 && index !== 2)) return `${node.opType} takes it as no factor`;
  const isState = index === 2;
  if (!isState)
    return {
      use: { input: node.input[0]!, vectors: { kind: 'rows' } },
      groups: 1,
      transposed: false,
      axes: 2,
    };
  if (intOf(node, 'layout') === 1) return 'its states are in another order';
  if (node.opType === 'GRU' && intOf(node, 'linear_before_reset') === 0)
    return 'a gate is between it and the states';
  if (!node.output[0]) return 'the states are no output of its node';
  const direction = new TextDecoder().decode(attribute(node, 'direction')?.s) || 'forward';
  const reverse = Array.from({ length: directions! }, (_, i) => i === 1 || direction === 'reverse');
  const initial = node.input[5] || null;
  const vectors = { kind: 'states', reverse, initial } as const;
  return { use: { input: node.output[0], vectors }, groups: directions!, transposed: false, axes: 2 };
}

/**
 * Finds the rows of a weight as a node reads it among the layer's channels.
 * @returns null if a row is made of several channels, or not in the order of a channel's weights
 */
function rowsOf(
  { shape, indices }: MovedElements,
  { transposed, axes }: Product,
  { channels, inner }: Layer['layout'],
): { readonly inOrder: boolean } | null {
  const first = elementCount(shape.slice(0, axes));
  const second = indices.length / first;
  const [rows, cols] = transposed ? [second, first] : [first, second];
  let inOrder = rows === channels;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < cols; c++) {
      const index = indices[transposed ? c * second + r : r * second + c]!;
      const slot = Math.floor(index / inner);
      const channel = slot % channels;
      const col = Math.floor(slot / channels) * inner + (index % inner);
      if (index < 0 || col !== c) return null;
      if (c === 0) inOrder &&= channel === r;
      else if (channel !== channelAt(r)) return null;
    }
  return { inOrder };

  function channelAt(row: number): number {
    const index = indices[transposed ? row : row * second]!;
    return Math.floor(index / inner) % channels;
  }
}
