import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { ConvAttributes } from '../../quant/conv/ConvGeometry';
import type { Layer } from '../read/findLayers';
import { isChannelBias } from '../read/channelBias';
import type { InspectedModel } from '../read/inspectModel';
import { attribute, intOf } from '../graph/nodes';
import type { ConstantTensor, Scope } from '../graph/Scope';

/** How a node multiplies a layer's weight with what it reads. */
export interface LayerUse {
  /** The activation that it reads. */
  readonly input: string;
  /** The graph that reads it; left out where that is the main graph. */
  readonly scope?: Scope;
  /** How the input is cut into the vectors that are multiplied. */
  readonly vectors:
    | { readonly kind: 'patches'; readonly attributes: ConvAttributes; readonly weight: readonly number[] }
    /** Rows of a matrix, or its columns. */
    | { readonly kind: 'rows' | 'columns' }
    /** All channels at each position of a picture: [batch][inputs][...positions]. */
    | { readonly kind: 'pixels' }
    /**
     * The states before each step of a recurrent node, of which the input has those behind it: [steps][directions][batch][inputs of a direction].
     */
    | { readonly kind: 'states'; readonly reverse: readonly boolean[]; readonly initial: string | null };
}

/** The inputs that a layer multiplies its weight with: y = W x + b, W being [outputs][inputs of a group]. */
export interface LayerInputs {
  readonly uses: readonly LayerUse[];
  /** Elements of x, all groups together. */
  readonly inputs: number;
  /** Elements of y, all groups together. */
  readonly channels: number;
  readonly groups: number;
  /** Matrices in the weight, each of which makes outputs of its own of x: see `tapRows`. null if the weight is W as it is. */
  readonly taps: number | null;
  /** b, as `channelBias` reads it; null if there is none, or it is no constant of one float for each output channel. */
  readonly bias: TensorProto | null;
}

/**
 * The inputs of a layer, for its own output error and the quantization of activations.
 * @returns or why that cannot be told, as the end of a sentence
 */
export function layerInputs(
  model: InspectedModel,
  { constant, summary, layout }: Layer,
): LayerInputs | string {
  const { main } = model.graph;
  const nodes = directUsers(model, constant);
  if (typeof nodes === 'string') return nodes;
  const uses: LayerUse[] = [];
  for (const node of nodes) {
    const use = useOf(node, constant.name, summary.shape);
    if (typeof use === 'string') return use;
    if (main.isConstant(use.input)) return 'its input is a constant';
    uses.push(use);
  }
  const groups = nodes[0]!.opType === 'Conv' ? intOf(nodes[0]!, 'group') || 1 : 1;
  if (nodes.some((node) => node.opType === 'Conv' && (intOf(node, 'group') || 1) !== groups))
    return 'its users disagree about groups';
  return {
    uses,
    inputs: layout.outer * layout.inner * groups,
    channels: layout.channels,
    groups,
    taps: null,
    bias: biasOf(main, nodes, constant.name, layout.channels),
  };
}

/** The nodes that take a weight as it is stored; or why there are none, as the end of a sentence. */
export function directUsers({ graph }: InspectedModel, constant: ConstantTensor): NodeProto[] | string {
  if (constant.scope !== graph.main) return 'it is not in the main graph';
  const consumers = graph.consumers(constant.name).filter(({ scope }) => scope === graph.main);
  const nodes = [...new Set(consumers.map(({ node }) => node))];
  return nodes.length === 0 ? 'its weight is reshaped on the way, or read in a subgraph' : nodes;
}

/** The third input of a weight's only user, if it is a constant that adds one float to each output channel. */
export function biasOf(
  scope: Scope,
  nodes: readonly NodeProto[],
  weight: string,
  channels: number,
): TensorProto | null {
  const [node] = nodes;
  const name = nodes.length === 1 && node!.input[2];
  const definition = name ? scope.resolve(name) : undefined;
  const bias = definition?.kind === 'constant' && !definition.constant.sparse && definition.constant.tensor;
  if (!bias || bias.dataType !== DataType.FLOAT) return null;
  return isChannelBias(bias, channels, node!.input[0] === weight ? 0 : 1) ? bias : null;
}

/** How a node uses a weight of this shape; or why that is none, as the end of a sentence. */
export function useOf(node: NodeProto, weight: string, shape: readonly number[]): LayerUse | string {
  const index = node.input.indexOf(weight);
  const other = node.input[1 - index];
  if (index > 1 || !other || node.input.lastIndexOf(weight) !== index)
    return `${node.opType} takes it as no factor`;
  if (node.opType === 'Conv' && index === 1)
    return { input: other, vectors: { kind: 'patches', attributes: convAttributes(node), weight: shape } };
  // Its output error has a way of its own, `transposedInputs`; as an activation to quantize its input is none.
  if (node.opType === 'ConvTranspose') return 'ConvTranspose has no integer kernel';
  if (shape.length !== 2) return `its weight has ${shape.length} dimensions`;
  const columns = (are: boolean): LayerUse => ({ input: other, vectors: { kind: are ? 'columns' : 'rows' } });
  if (node.opType === 'MatMul') return columns(index === 0);
  if (node.opType === 'Gemm')
    return columns(index === 1 ? intOf(node, 'transA') === 1 : intOf(node, 'transB') === 0);
  return `${node.opType} is no product of a matrix`;
}

export function convAttributes(node: NodeProto): ConvAttributes {
  const ints = (name: string) => attribute(node, name)?.ints.map(Number) ?? [];
  const autoPad = new TextDecoder().decode(attribute(node, 'auto_pad')?.s) || 'NOTSET';
  return {
    group: intOf(node, 'group') || 1,
    strides: ints('strides'),
    dilations: ints('dilations'),
    pads: ints('pads'),
    autoPad: autoPad as NonNullable<ConvAttributes['autoPad']>,
  };
}

/** Names of the tensors that layers read, as far as they are found: each once. */
export function layerInputTensors(
  model: InspectedModel & { readonly layers: ReadonlyMap<string, Layer> },
): string[] {
  const tensors = [...model.layers.values()].flatMap((layer) => {
    const found = layerInputs(model, layer);
    return typeof found === 'string' ? [] : found.uses.map(({ input }) => input);
  });
  return [...new Set(tensors)];
}
