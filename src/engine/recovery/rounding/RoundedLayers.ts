import type { SchemeId } from '../../../core/scheme/scheme';
import { decibels, type Decibels } from '../../../core/measure/Decibels';
import type { EncodedTensor } from '../../../quant/EncodedTensor';
import { encodeRounded } from '../../weights/quantizeWeight';
import type { WeightKernel } from '../../weights/WeightKernel';
import type { WeightPasses } from '../../weights/WeightPasses';
import { weightRows } from '../../weights/weightRows';
import type { RoundedWeight } from './LayerRounding';

/** A model's quantized weights. */
export interface QuantizedWeights {
  readonly nearest: ReadonlyMap<string, EncodedTensor>;
  readonly schemes: ReadonlyMap<string, SchemeId>;
  /** Layers whose codes may be others than the nearest. */
  readonly repaired: ReadonlySet<string>;
}

export interface RoundedLayer {
  readonly tensor: EncodedTensor;
  /** Weight error. */
  readonly sqnrDb: Decibels;
}

export interface RoundedLayers {
  readonly rounded: ReadonlyMap<string, RoundedLayer>;
  /** Layers that stay rounded to nearest, and why, as the end of a sentence. */
  readonly left: ReadonlyMap<string, string>;
}

/** A rounded weight as it is stored. */
export function roundedLayer(
  weightKernel: WeightKernel,
  passes: WeightPasses,
  { quantizer, values }: Pick<RoundedWeight, 'quantizer' | 'values'>,
): RoundedLayer {
  let [signal, noise] = [0, 0];
  weightRows(weightKernel, passes).forEach((weight, i) => {
    signal += weight * weight;
    noise += (weight - values[i]!) ** 2;
  });
  return {
    tensor: encodeRounded(weightKernel, passes.weight, quantizer, values),
    sqnrDb: decibels(signal, noise, 'exact'),
  };
}
