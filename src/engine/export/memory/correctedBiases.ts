import type { BiasPlace } from '../../../onnx/read/biasPlace';
import { biasPlaces } from '../../recovery/bias/biasPlaces';
import { withCorrectedBiases } from '../withCorrectedBiases';
import type { PassMemory } from './remembered';

/** Keeps corrected biases. */
export const CORRECTED_BIASES: PassMemory = {
  pass: 'bias',

  write: (before, { biases }) => ({
    weights: new Map(),
    numbers: new Map([...biases].filter(([layer, values]) => before.biases.get(layer) !== values)),
    facts: null,
  }),

  read(before, { numbers }) {
    const { model, integers } = before;
    const layers = [...numbers.keys()].filter((name) => model.layers.has(name));
    const { places } = biasPlaces(model, layers, integers === null);
    for (const [layer, values] of numbers) if (!isBias(values, places.get(layer))) return null;
    return withCorrectedBiases(before, places, numbers);
  },
};

function isBias(values: Float32Array, place: BiasPlace | undefined): boolean {
  return place?.channels === values.length && values.every(Number.isFinite);
}
