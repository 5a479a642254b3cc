import type { ProductOrder } from '../../quant/integer/productOrder';
import { intOf } from '../graph/nodes';
import type { Layer } from '../read/findLayers';
import type { IntegerNode } from './planActivations';

/**
 * The order in which onnxruntime's integer kernels add up the products of a node; null of a convolution with one input and one output channel in each
 * group, whose kernel multiplies each product by itself.
 */
export function productOrderOf(
  { node }: Pick<IntegerNode, 'node'>,
  { layout, summary }: Pick<Layer, 'layout' | 'summary'>,
): ProductOrder | null {
  if (node.opType !== 'Conv') return { layout, positions: 1, groups: 1 };
  const [outputs, inputs, ...kernel] = summary.shape;
  const groups = Math.max(1, intOf(node, 'group'));
  if (inputs === 1 && groups === outputs) return null;
  return { layout, positions: kernel.reduce((product, size) => product * size, 1), groups };
}
