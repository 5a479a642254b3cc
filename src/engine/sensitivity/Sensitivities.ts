import { VERSIONS } from '../runtime/versions';
import { ACTIVATIONS, type OutputErrors, type Stability } from '../../core/measure/sensitivity';
import type {
  SensitivityBatch,
  SensitivityRequest,
  SensitivitySummary,
} from '../../core/measure/sensitivity';
import { calibrationSamples } from '../data/calibrationSamples';
import type { OpenModels } from '../models/OpenModels';
import { pauses } from '../../base/pauses';
import { evenlySpaced } from '../data/evenlySpaced';
import type { ThreadPool } from '../threads/ThreadPool';
import { workingShapes } from '../data/workingShapes';
import type { LoadKernel } from '../weights/WeightKernel';
import { fitLayerInputs } from './fitLayerInputs';
import { MomentsCache } from './MomentsCache';
import { layerSensitivity } from './layerSensitivity';
import { isComplete, summaryOf, type Context, type Measurement } from './Measurement';
import { modelSensitivity, type VariantThreads } from './modelSensitivity';
import { othersQuantized } from './othersQuantized';
import { SensitivityCache } from './SensitivityCache';

/** Measures sensitivity with data. The second moments of the last model stay, so that further schemes need no further run. */
export class Sensitivities {
  private readonly moments = new MomentsCache();

  constructor(
    private readonly models: OpenModels,
    private readonly pool: ThreadPool,
    private readonly variants: VariantThreads,
    private readonly loadKernel: LoadKernel,
  ) {}

  /**
   * Tells what is known already, and measures the rest.
   * @throws UserError if there is no data, or the model does not run on it, or not as the recipe quantizes it
   * @throws CancelledError
   */
  async measure(request: SensitivityRequest, context: Context): Promise<SensitivitySummary> {
    const measurement = await this.prepare(request, context);
    const { others, level, schemes } = request;
    if (level !== 'model' || others === null) return this.measureAlone(measurement, context);
    const measureOthers = (rest: Context) =>
      othersQuantized(measurement, others, this.variants, this.loadKernel, rest);
    if (schemes.length === 0) return { ...summaryOf(measurement), recipe: await measureOthers(context) };
    const [first, second] = halves(context);
    return { ...(await this.measureAlone(measurement, first)), recipe: await measureOthers(second) };
  }

  /** One layer quantized at a time. */
  private async measureAlone(measurement: Measurement, context: Context): Promise<SensitivitySummary> {
    const { request, places } = measurement;
    const cache = await cacheOf(measurement, context);
    const missing = tellKnown(request, cache, context);
    const all = summaryOf(measurement);
    if (missing.layers.length === 0) return { ...all, ...cache.summary };
    const learning = {
      ...context,
      progress: (batch: SensitivityBatch) => {
        batch.layers.filter((each) => isComplete(each, places.length)).forEach((each) => cache.add(each));
        context.progress({ ...batch, layers: batch.layers.map((each) => withKnown(each, cache)) });
      },
    };
    try {
      const { layers, schemes } = missing;
      const rest = { ...measurement, request: { ...request, layers, schemes } };
      const stability =
        request.level === 'model' ? await this.ofModel(rest, learning) : await this.ofLayers(rest, learning);
      // Of an order of some layers alone there is nothing to say.
      cache.save(missing.complete ? { stability } : {});
      return { ...all, ...cache.summary };
    } catch (error) {
      cache.save();
      throw error;
    }
  }

  private async prepare(request: SensitivityRequest, context: Context): Promise<Measurement> {
    const { path, calibration, shapes: fixed } = request;
    const model = this.models.get(path);
    const { inputs } = model.inspection.model;
    const { signal, progress } = context;
    const options = {
      source: path,
      inputs,
      shapes: fixed,
      signal,
      progress: () => progress({ layers: [], done: 0, total: 1 }),
    };
    const shapes = calibration === 'synthetic' ? await workingShapes(options) : {};
    const samples = calibrationSamples(calibration, path, inputs, shapes);
    const count = Math.min(request.samples, samples.all.count);
    return { request, model, shapes, samples, places: evenlySpaced(count, samples.all.count) };
  }

  private async ofModel(measurement: Measurement, context: Context) {
    const { request, shapes, places } = measurement;
    const { path, calibration, activations, layers, schemes } = request;
    const inputs = activations === null ? null : await fitLayerInputs(measurement, activations, context);
    const model = { path, calibration, shapes, inputs, quantized: null };
    return modelSensitivity({ model, layers, schemes, places }, this.variants, context);
  }

  private async ofLayers(measurement: Measurement, context: Context): Promise<Stability> {
    const { model, request, places } = measurement;
    const { layers, schemes } = request;
    const moments = await this.moments.of(measurement, context);
    await layerSensitivity(model, moments, layers, schemes, this.pool, {
      ...context,
      progress: ({ done, total, ...news }) =>
        context.progress({ ...news, done: done + places.length, total: total + places.length }),
    });
    return {};
  }
}

/** Contexts for two measurements of the same layers, of which the second's figures come beside the first's. */
function halves({ signal, progress }: Context): [Context, Context] {
  const found = new Map<string, OutputErrors>();
  const first = ({ layers, done, total }: SensitivityBatch) => {
    for (const each of layers) found.set(each.layer, each);
    progress({ layers, done, total: 2 * total });
  };
  const second = ({ layers, done, total }: SensitivityBatch) => {
    const both = layers.map((each) => {
      const before = found.get(each.layer);
      return { ...each, ...before, errors: { ...before?.errors, ...each.errors } } as OutputErrors;
    });
    progress({ layers: both, done: total + done, total: 2 * total });
  };
  return [
    { signal, progress: first },
    { signal, progress: second },
  ];
}

function cacheOf(
  { request, model, samples, places }: Measurement,
  { signal, progress }: Context,
): Promise<SensitivityCache> {
  const { cache, path, level, activations } = request;
  const { all } = samples;
  const ofOutputs = { activations, labels: all.labels && places.map((place) => all.labels![place]) };
  const origin = {
    versions: VERSIONS,
    files: [path, ...model.files.paths, ...all.files(places)],
    options: [level, all.options(places), level === 'model' ? ofOutputs : null],
  };
  const pause = pauses(signal, () => progress({ layers: [], done: 0, total: 1 }));
  return SensitivityCache.open(cache, origin, pause);
}

/** Reports what the cache has; layers and schemes that it has not, and whether these are all layers that can be measured. */
function tellKnown(request: SensitivityRequest, cache: SensitivityCache, { progress }: Context) {
  const { layers, schemes, level, activations } = request;
  const wanted = activations !== null && level === 'model' ? [...schemes, ACTIVATIONS] : schemes;
  const isBroken = (layer: string) => (cache.layer(layer)?.problem ?? null) !== null;
  const lacks = (layer: string) => {
    const known = cache.layer(layer);
    if (isBroken(layer)) return [];
    // A layer whose input is no activation never has that variant.
    return wanted.filter((scheme) => !known || (scheme !== ACTIVATIONS && !known.errors[scheme]));
  };
  const known = layers.flatMap((layer) => {
    const errors = cache.layer(layer);
    return errors ? [{ level, layer, ...errors } as OutputErrors] : [];
  });
  if (known.length > 0) progress({ layers: known, done: known.length, total: layers.length });
  const missing = layers.filter((layer) => lacks(layer).length > 0);
  const lacking = new Set(missing.flatMap(lacks));
  return {
    layers: missing,
    schemes: schemes.filter((scheme) => lacking.has(scheme)),
    complete: missing.length === layers.filter((layer) => !isBroken(layer)).length,
  };
}

function withKnown(errors: OutputErrors, cache: SensitivityCache): OutputErrors {
  const known = cache.layer(errors.layer);
  return known ? ({ ...errors, errors: { ...known.errors, ...errors.errors } } as OutputErrors) : errors;
}
