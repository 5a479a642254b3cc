import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from 'onnx-buf';
import type { ConvAttributes } from '../../quant/conv/ConvGeometry';
import type { Layer } from '../findLayers';
import type { InspectedModel } from '../inspectModel';
import { attribute, intOf } from '../nodes';

/** How a node multiplies a layer's weight with what it reads. */
export interface LayerUse {
  /** The activation that it reads. */
  readonly input: string;
  /** How the input is cut into the vectors that are multiplied. */
  readonly vectors:
    | { readonly kind: 'patches'; readonly attributes: ConvAttributes; readonly weight: readonly number[] }
    /** Rows of a matrix, or its columns. */
    | { readonly kind: 'rows' | 'columns' };
}

/** What a layer multiplies its weight with: y = W x + b, W being [outputs][inputs of a group]. */
export interface LayerInputs {
  readonly uses: readonly LayerUse[];
  /** Elements of x, all groups together. */
  readonly inputs: number;
  readonly groups: number;
  /** b, of one element for each output; null if there is none, or it is no plain constant. */
  readonly bias: TensorProto | null;
}

/**
 * What a layer's inputs are, as its own output error needs them.
 * @returns or why that cannot be told, as the end of a sentence
 */
export function layerInputs(
  { model, scopes }: InspectedModel,
  { constant, summary, layout }: Layer,
): LayerInputs | string {
  const main = scopes[0]!;
  if (constant.scope !== main) return 'it is not in the main graph';
  const nodes = model.graph.node.filter((node) => node.input.includes(constant.name));
  if (nodes.length === 0) return 'its weight is reshaped on the way';
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
  const definition =
    nodes.length === 1 && nodes[0]!.input[2] ? main.definitions.get(nodes[0]!.input[2]) : undefined;
  const bias = definition?.kind === 'constant' ? definition.constant.tensor : null;
  return {
    uses,
    inputs: layout.outer * layout.inner * groups,
    groups,
    bias: bias && bias.dataType === DataType.FLOAT && Number(bias.dims[0]) === layout.channels ? bias : null,
  };
}

function useOf(node: NodeProto, weight: string, shape: readonly number[]): LayerUse | string {
  const place = node.input.indexOf(weight);
  const other = node.input[1 - place];
  if (place > 1 || !other || node.input.lastIndexOf(weight) !== place)
    return `${node.opType} takes it as no factor`;
  if (node.opType === 'Conv' && place === 1)
    return { input: other, vectors: { kind: 'patches', attributes: convAttributes(node), weight: shape } };
  if (shape.length !== 2) return `its weight has ${shape.length} dimensions`;
  const columns = (are: boolean): LayerUse => ({ input: other, vectors: { kind: are ? 'columns' : 'rows' } });
  if (node.opType === 'MatMul') return columns(place === 0);
  if (node.opType === 'Gemm')
    return columns(place === 1 ? intOf(node, 'transA') === 1 : intOf(node, 'transB') === 0);
  return `${node.opType} is no product of a matrix`;
}

function convAttributes(node: NodeProto): ConvAttributes {
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
