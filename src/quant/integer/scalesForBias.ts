import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import type { EncodedScalars } from '../EncodedTensor';
import { integerNumbers, integersOf } from './integerNumbers';

/** Half of what an int32 holds: the other half is for the sum of products that the bias is added to. */
const MAX_BIAS_CODE = 2 ** 30;

/**
 * Weights whose scales leave room for their biases. A bias is stored in int32 with the scale of the products, weight scale times input scale (Jacob et
 * al. 2017, equation 11), so that a channel of tiny weights, as a folded BatchNormalization leaves them, would cut its bias off. Its weights
 * count for little beside the bias, and take a larger scale.
 * @param tensor 8-bit integers, with one float32 scale or one for each channel
 * @param bias one number for each channel
 * @param inputScale of the activation that the weights are multiplied with
 * @returns the same tensor if there is room
 */
export function scalesForBias(
  tensor: EncodedScalars,
  layout: ChannelLayout,
  bias: Float32Array,
  inputScale: number,
): EncodedScalars {
  const { outer, channels, inner } = layout;
  const scales = tensor.scales!.values as Float32Array;
  const least = new Float64Array(scales.length);
  bias.forEach((value, channel) => {
    const at = scales.length === 1 ? 0 : channel;
    least[at] = Math.max(least[at]!, Math.abs(value) / (inputScale * MAX_BIAS_CODE));
  });
  if (scales.every((scale, i) => Math.abs(scale) >= least[i]!)) return tensor;
  // A scale may be negative, and stays so.
  const raised = scales.map((scale, i) => Math.sign(scale) * Math.max(Math.abs(scale), least[i]!));
  const numbers = integerNumbers(tensor, layout);
  const { zeroPoints } = integersOf(tensor);
  const codes = Uint8Array.from(tensor.codes);
  for (let o = 0; o < outer; o++)
    for (let c = 0; c < channels; c++) {
      const at = scales.length === 1 ? 0 : c;
      const factor = scales[at]! / raised[at]!;
      const start = (o * channels + c) * inner;
      const zero = zeroPoints?.[at] ?? 0;
      if (factor < 1)
        for (let i = start; i < start + inner; i++) codes[i] = Math.round(numbers[i]! * factor) + zero;
    }
  return { ...tensor, codes, scales: { ...tensor.scales!, values: raised } };
}
