import type { ChannelLayout } from '../../core/scheme/ChannelLayout';
import type { EncodedScalars } from '../EncodedTensor';
import { decibels, type Decibels } from '../../core/measure/Decibels';
import { integerNumbers } from './integerNumbers';

/**
 * Weight error of codes: their SQNR.
 * @param weights in the order of the tensor, as the codes are
 * @param tensor 8-bit integers, with one float32 scale or one for each channel
 */
export function codesSqnrDb(weights: Float32Array, tensor: EncodedScalars, layout: ChannelLayout): Decibels {
  const numbers = integerNumbers(tensor, layout);
  const { channels, inner } = layout;
  const scales = tensor.scales!.values as Float32Array;
  let [signal, noise] = [0, 0];
  weights.forEach((weight, i) => {
    const scale = scales.length === 1 ? scales[0]! : scales[Math.floor(i / inner) % channels]!;
    signal += weight * weight;
    noise += (weight - numbers[i]! * scale) ** 2;
  });
  return decibels(signal, noise, 'exact');
}
