import { layerInputs } from '../onnx/partial/layerInputs';
import type { ActivationObserver } from '../quant/activations/ActivationObserver';
import { activationView } from '../quant/activations/activationView';
import { fitActivation } from '../quant/activations/fitActivation';
import { parseActivations } from '../shared/activations';
import type { ActivationViewRequest, LayerActivations } from '../shared/activationView';
import { UserError } from '../shared/UserError';
import { calibrationSamples } from './calibrationSamples';
import { observeActivations } from './observeActivations';
import type { OpenModel, OpenModels } from './OpenModels';
import { spread } from './spread';
import type { Pause } from '../quant/WeightSource';
import { workingShapes } from './verify';

/** What was observed of one model on one set of samples. */
interface Observed {
  readonly observers: ReadonlyMap<string, ActivationObserver>;
  readonly inputs: 'synthetic' | 'data';
  readonly samples: number;
}

/** Pictures of what layers read. All of a model's layers are observed in one run over the samples, which is kept for the next picture. */
export class Activations {
  private kept: Promise<Observed> | null = null;
  private keptKey = '';

  constructor(private readonly models: OpenModels) {}

  /** @throws UserError if the layer's input cannot be observed */
  async view(request: ActivationViewRequest, signal: AbortSignal, pause: Pause): Promise<LayerActivations> {
    const { path, layer: name, activations, bins } = request;
    const model = this.models.get(path);
    const layer = model.layers.get(name);
    const spec = parseActivations(activations);
    if (!layer || !spec)
      throw new UserError(`The model has no layer "${name}", or "${activations}" quantizes nothing.`);
    if (!(Number.isInteger(bins) && bins >= 1 && bins <= 4096))
      throw new UserError('A histogram has 1 to 4,096 bins.');
    const inputs = layerInputs(model, layer);
    if (typeof inputs === 'string') throw new UserError(`What this layer reads is not observed: ${inputs}.`);
    const tensor = inputs.uses[0]!.input;
    const observed = await this.observed(model, request, signal, pause);
    const observer = observed.observers.get(tensor);
    if (!observer || observer.count === 0)
      throw new UserError(`What this layer reads, "${tensor}", has no finite value on any sample.`);
    const view = activationView(observer, fitActivation(spec, observer), bins);
    return { tensor, view, inputs: observed.inputs, samples: observed.samples };
  }

  private observed(
    model: OpenModel,
    request: ActivationViewRequest,
    signal: AbortSignal,
    pause: Pause,
  ): Promise<Observed> {
    const { path, calibration, shapes, samples } = request;
    const key = JSON.stringify([path, model.inspection.model.bytes, calibration, shapes, samples]);
    if (this.kept && this.keptKey === key) return this.kept;
    this.keptKey = key;
    const observed = observe(model, request, signal, pause);
    this.kept = observed;
    // What failed or was given up is tried anew the next time.
    observed.catch(() => {
      if (this.kept === observed) this.kept = null;
    });
    return observed;
  }
}

async function observe(
  model: OpenModel,
  { path, calibration, shapes: fixed, samples: most }: ActivationViewRequest,
  signal: AbortSignal,
  pause: Pause,
): Promise<Observed> {
  const { inputs } = model.inspection.model;
  const options = { source: path, inputs, shapes: fixed, signal, progress: () => {} };
  const shapes = calibration === 'synthetic' ? await workingShapes(options) : {};
  const { kind, all } = calibrationSamples(calibration, path, inputs, shapes);
  const places = spread(Math.min(most, all.count), all.count);
  const tensors = new Set(
    [...model.layers.values()].flatMap((layer) => {
      const found = layerInputs(model, layer);
      return typeof found === 'string' ? [] : found.uses.map(({ input }) => input);
    }),
  );
  const observers = await observeActivations(model, [...tensors], all.read(places), pause);
  return { observers, inputs: kind, samples: places.length };
}
