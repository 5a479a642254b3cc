import type { NodeProto } from 'onnx-buf';
import type { Layer } from '../read/findLayers';
import type { InspectedModel } from '../read/inspectModel';
import { biasOf, convAttributes, directUsers, type LayerInputs } from './layerInputs';

const DISAGREEMENT = 'its users disagree about its channels';

/**
 * The inputs of a transposed convolution, for its own output error (ONNX operator specification, ConvTranspose).
 * Each pixel of the input is multiplied by the whole kernel, and the products are added where these windows overlap. Where none do, every
 * tap of the kernel is a matrix product of its own with all pixels: [outputs][inputs of a group], cut out of the weight
 * [inputs][outputs of a group][...kernel].
 *
 * Outputs that no window reaches, as the stride is longer than the kernel, have no error and do not count; windows that the padding cuts
 * count in full.
 * @returns null if the layer is another; or why its inputs cannot be told, as the end of a sentence
 */
export function transposedInputs(
  model: InspectedModel,
  { constant, summary: { shape }, layout }: Layer,
): LayerInputs | string | null {
  const nodes = directUsers(model, constant);
  if (typeof nodes === 'string' || !nodes.some(({ opType }) => opType === 'ConvTranspose')) return null;
  const [inputs, outputs, ...kernel] = shape as [number, number, ...number[]];
  if (layout.outer !== inputs || layout.channels !== outputs) return DISAGREEMENT;
  const groups = convAttributes(nodes[0]!).group ?? 1;
  for (const node of nodes) {
    if (node.opType !== 'ConvTranspose' || node.input.lastIndexOf(constant.name) !== 1) return DISAGREEMENT;
    if (convAttributes(node).group !== groups) return 'its users disagree about groups';
    if (windowsOverlap(node, kernel)) return 'its windows overlap in the output';
    if (model.graph.main.isConstant(node.input[0]!)) return 'its input is a constant';
  }
  return {
    uses: nodes.map(({ input }) => ({ input: input[0]!, vectors: { kind: 'pixels' } })),
    inputs,
    channels: outputs * groups,
    groups,
    taps: layout.inner,
    bias: biasOf(model.graph.main, nodes, constant.name, outputs * groups),
  };
}

function windowsOverlap(node: NodeProto, kernel: readonly number[]): boolean {
  const { strides, dilations } = convAttributes(node);
  return kernel.some((size, axis) => (strides?.[axis] ?? 1) < (size - 1) * (dilations?.[axis] ?? 1) + 1);
}
