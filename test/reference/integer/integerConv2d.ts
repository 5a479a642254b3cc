import {
  convGeometry,
  patchLength,
  positionCount,
  type ConvAttributes,
} from '../../../src/quant/conv/ConvGeometry';
import { copyPatch } from '../../../src/quant/conv/copyPatch';
import {
  computeOutputs,
  emptyCodes,
  integerLayer,
  requireData,
  type IntegerFormat,
  type QuantizedTensor,
  type QuantizedWeights,
} from './IntegerLayer';

/**
 * A convolution in integer arithmetic alone (Jacob et al. 2017, section 2): a reference to hold runtimes against, not a fast one. Padding stands for
 * the real number zero.
 * @param input [batch][channels][height][width]
 * @param weights [outputs][channels / group][kernel height][kernel width]
 * @param bias int32 codes of scale input.scale * weights.scales, one per output; null for none
 * @returns [batch][outputs][output height][output width]
 * @throws UserError if sizes, scales or zero points do not fit
 */
export function integerConv2d(
  input: QuantizedTensor,
  weights: QuantizedWeights,
  bias: Int32Array | null,
  output: IntegerFormat,
  attributes: ConvAttributes = {},
): QuantizedTensor {
  const geometry = convGeometry(input.dims, weights.dims, attributes);
  requireData(input, 'input');
  const layer = integerLayer(input, weights, bias, output);
  const { batch, groups, outputs, down, across } = geometry;
  const plane = down.output * across.output;
  const patch = new Int32Array(groups * patchLength(geometry));
  const data = emptyCodes(output, batch * outputs * plane);
  for (let position = 0; position < positionCount(geometry); position++) {
    copyPatch(geometry, input.data, position, input.zeroPoint, patch, 0);
    const at = Math.floor(position / plane) * outputs * plane + (position % plane);
    computeOutputs(layer, patch, data, at, plane);
  }
  const spatial = input.dims.length === 3 ? [across.output] : [down.output, across.output];
  return { ...output, dims: [batch, outputs, ...spatial], data };
}
