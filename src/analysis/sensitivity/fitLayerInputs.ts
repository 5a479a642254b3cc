import { layerInputs } from '../../onnx/partial/layerInputs';
import { fitActivation } from '../../quant/activations/fitActivation';
import type { AffineQuantizer } from '../../quant/Quantizer';
import { parseActivations, type ActivationScheme } from '../../shared/activations';
import { observeActivations } from '../observeActivations';
import type { OpenModel } from '../OpenModels';
import { pauses } from '../pauses';
import type { Context, Measurement } from './Measurement';

/** What all layers read, by name, as far as that is known: each once. */
export function layerInputTensors(model: OpenModel): string[] {
  const tensors = [...model.layers.values()].flatMap((layer) => {
    const found = layerInputs(model, layer);
    return typeof found === 'string' ? [] : found.uses.map(({ input }) => input);
  });
  return [...new Set(tensors)];
}

/**
 * How each activation that a layer reads is quantized on its own: by its range over all samples of a measurement, the same for every variant.
 * @throws UserError if the model does not run on a sample
 * @throws CancelledError
 */
export async function fitLayerInputs(
  { request, model, samples, places }: Measurement,
  activations: ActivationScheme,
  { signal, progress }: Context,
): Promise<ReadonlyMap<string, AffineQuantizer>> {
  const spec = parseActivations(activations)!;
  const pause = pauses(signal, () => progress({ layers: [], done: 0, total: 1 }));
  const observers = await observeActivations(
    model,
    layerInputTensors(model),
    { samples: samples.all, places, cache: request.cache },
    pause,
    pause,
  );
  return new Map(
    [...observers]
      .filter(([, { count }]) => count > 0)
      .map(([name, observer]) => [name, fitActivation(spec, observer)]),
  );
}
