import { UserError } from '../../../src/base/UserError';
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
 * A matrix product in integer arithmetic alone (Jacob et al. 2017, section 2.1 and 2.2), of Gemm and MatMul with a weight.
 * @param input [...rows][inputs]
 * @param weights [outputs][inputs], as Gemm has it with transB
 * @param bias int32 codes of scale input.scale * weights.scales, one per output; null for none
 * @returns [...rows][outputs]
 * @throws UserError if sizes, scales or zero points do not fit
 */
export function integerGemm(
  input: QuantizedTensor,
  weights: QuantizedWeights,
  bias: Int32Array | null,
  output: IntegerFormat,
): QuantizedTensor {
  const inputs = input.dims.at(-1) ?? 0;
  if (weights.dims.length !== 2 || inputs !== weights.dims[1])
    throw new UserError(
      `A weight of shape [${weights.dims}] does not fit an input of shape [${input.dims}].`,
    );
  requireData(input, 'input');
  const layer = integerLayer(input, weights, bias, output);
  const rows = input.data.length / inputs;
  const row = new Int32Array(inputs);
  const data = emptyCodes(output, rows * layer.outputs);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < inputs; i++) row[i] = input.data[r * inputs + i]! - input.zeroPoint;
    computeOutputs(layer, row, data, r * layer.outputs, 1);
  }
  return { ...output, dims: [...input.dims.slice(0, -1), layer.outputs], data };
}
