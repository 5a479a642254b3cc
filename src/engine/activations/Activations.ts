import { quoted } from '../../base/quoted';
import { layerInputs, layerInputTensors } from '../../onnx/subgraph/layerInputs';
import type { ActivationObserver } from '../../quant/activations/ActivationObserver';
import { activationView } from '../../quant/activations/activationView';
import { fitActivation } from '../../quant/activations/fitActivation';
import { parseActivations } from '../../core/scheme/activations';
import type { ActivationViewRequest, LayerActivations } from '../../core/measure/activationView';
import { CancelledError } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import { calibrationSamples, type Samples } from '../data/calibrationSamples';
import { observeActivations } from './observeActivations';
import type { OpenModel, OpenModels } from '../models/OpenModels';
import { sampleStamp } from '../data/sampleStamp';
import { evenlySpaced } from '../data/evenlySpaced';
import { workingShapes } from '../data/workingShapes';
import type { Pause } from '../../base/pauses';

/** Activations of one model, observed on one set of samples. */
interface Observed {
  readonly observers: ReadonlyMap<string, ActivationObserver>;
  readonly inputs: 'synthetic' | 'data';
  readonly samples: number;
}

/** Pictures of what layers read. All of a model's layers are observed in one run over the samples, which is cached for the next picture. */
export class Activations {
  private cached: {
    readonly key: string;
    readonly model: OpenModel;
    readonly observed: Promise<Observed>;
  } | null = null;

  constructor(private readonly models: OpenModels) {}

  /** @throws UserError if the layer's input cannot be observed */
  async view(request: ActivationViewRequest, signal: AbortSignal, pause: Pause): Promise<LayerActivations> {
    const { path, layer: name, activations, bins } = request;
    const model = await this.models.get(path, signal);
    const layer = model.layers.get(name);
    const spec = parseActivations(activations);
    if (!layer || !spec)
      throw new UserError(
        `The model has no layer ${quoted(name)}, or ${quoted(activations)} quantizes nothing.`,
      );
    if (!(Number.isInteger(bins) && bins >= 1 && bins <= 4096))
      throw new UserError('A histogram has 1 to 4,096 bins.');
    const inputs = layerInputs(model, layer);
    if (typeof inputs === 'string') throw new UserError(`What this layer reads is not observed: ${inputs}.`);
    const tensor = inputs.uses[0]!.input;
    const observed = await this.observed(model, request, signal, pause);
    const observer = observed.observers.get(tensor);
    if (!observer || observer.count === 0)
      throw new UserError(`What this layer reads, ${quoted(tensor)}, has no finite value on any sample.`);
    const view = activationView(observer, fitActivation(spec, observer), bins);
    return { tensor, view, inputs: observed.inputs, samples: observed.samples };
  }

  private async observed(
    model: OpenModel,
    request: ActivationViewRequest,
    signal: AbortSignal,
    pause: Pause,
  ): Promise<Observed> {
    const { path, calibration, shapes, samples } = request;
    const { inputs } = model.inspection.model;
    const data = calibration === 'synthetic' ? null : calibrationSamples(calibration, path, inputs, {});
    // Of random numbers the shapes are found by running the model: not for every picture.
    const key = data ? sampleStamp(data.all, indicesOf(data, samples)) : JSON.stringify([shapes, samples]);
    if (this.cached?.model !== model || this.cached.key !== key) {
      const observed = observe(model, request, data, signal, pause);
      const cached = (this.cached = { key, model, observed });
      // A request that failed or was cancelled is tried anew the next time.
      observed.catch(() => {
        if (this.cached === cached) this.cached = null;
      });
    }
    try {
      return await this.cached.observed;
    } catch (error) {
      // Whoever asked first has given up, and this one goes on in their place.
      if (error instanceof CancelledError && !signal.aborted)
        return this.observed(model, request, signal, pause);
      throw error;
    }
  }
}

async function observe(
  model: OpenModel,
  { path, shapes: fixed, samples: most, cache }: ActivationViewRequest,
  data: Samples | null,
  signal: AbortSignal,
  pause: Pause,
): Promise<Observed> {
  const { inputs } = model.inspection.model;
  const options = { source: path, inputs, shapes: fixed, signal, progress: () => {} };
  const samples = data ?? calibrationSamples('synthetic', path, inputs, await workingShapes(options));
  const sampleIndices = indicesOf(samples, most);
  const on = { samples: samples.all, sampleIndices, cache };
  const observers = await observeActivations(model, layerInputTensors(model), on, pause, pause);
  return { observers, inputs: samples.kind, samples: sampleIndices.length };
}

function indicesOf({ all }: Samples, most: number): number[] {
  return evenlySpaced(Math.min(most, all.count), all.count);
}
