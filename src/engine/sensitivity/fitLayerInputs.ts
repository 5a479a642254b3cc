import { layerInputTensors } from '../../onnx/subgraph/layerInputs';
import { fitActivation } from '../../quant/activations/fitActivation';
import type { AffineQuantizer } from '../../quant/Quantizer';
import { parseActivations, type ActivationScheme } from '../../core/scheme/activations';
import { observeActivations } from '../activations/observeActivations';
import { pauses } from '../../base/pauses';
import type { Context, PreparedRequest } from './PreparedRequest';

/**
 * How each activation that a layer reads is quantized on its own: by its range over all samples of a prepared, the same for every variant.
 * @throws UserError if the model does not run on a sample
 * @throws CancelledError
 */
export async function fitLayerInputs(
  { request, model, samples, sampleIndices }: PreparedRequest,
  activations: ActivationScheme,
  { signal, progress }: Context,
): Promise<ReadonlyMap<string, AffineQuantizer>> {
  const spec = parseActivations(activations)!;
  const pause = pauses(signal, () => progress({ measurements: [], done: 0, total: 1 }));
  const observers = await observeActivations(
    model,
    layerInputTensors(model),
    { samples: samples.all, sampleIndices, cache: request.cache },
    pause,
    pause,
  );
  return new Map(
    [...observers]
      .filter(([, { count }]) => count > 0)
      .map(([name, observer]) => [name, fitActivation(spec, observer)]),
  );
}
