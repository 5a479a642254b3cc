import { setImmediate as nextTurn } from 'node:timers/promises';
import { embedAll } from '../../onnx/serializeModel';
import { CancelledError, type JobContext } from '../../shared/rpc';
import { ACTIVATIONS, type OutputErrors } from '../../shared/sensitivity';
import type { SensitivityBatch, SensitivityRequest, SensitivitySummary } from '../../shared/sensitivity';
import { calibrationSamples, type Samples } from '../calibrationSamples';
import type { OpenModel, OpenModels } from '../OpenModels';
import { spread } from '../spread';
import type { Shapes } from '../syntheticInputs';
import type { ThreadPool } from '../threads/ThreadPool';
import { workingShapes } from '../verify';
import { gatherMoments, type LayerMoments } from './gatherMoments';
import { layerSensitivity } from './layerSensitivity';
import { modelSensitivity, type StartVariantThread } from './modelSensitivity';
import { SensitivityCache } from './SensitivityCache';

type Context = JobContext<SensitivityBatch>;

/** Where variants run, and how many at a time. */
export interface VariantThreads {
  readonly start: StartVariantThread;
  readonly count: number;
}

/** A request with what was found out for it. */
interface Measurement {
  readonly request: SensitivityRequest;
  readonly model: OpenModel;
  readonly shapes: Shapes;
  readonly samples: Samples;
  readonly places: readonly number[];
}

/** Measures sensitivity with data. The second moments of the last model stay, so that further schemes need no further run. */
export class Sensitivities {
  private kept: { readonly key: string; readonly moments: ReadonlyMap<string, LayerMoments> } | null = null;

  constructor(
    private readonly models: OpenModels,
    private readonly pool: ThreadPool,
    private readonly variants: VariantThreads,
  ) {}

  /**
   * Tells what is known already, and measures the rest.
   * @throws UserError if there is no data, or the model does not run on it
   * @throws CancelledError
   */
  async measure(request: SensitivityRequest, context: Context): Promise<SensitivitySummary> {
    const measurement = await this.prepare(request, context);
    const { samples, places } = measurement;
    const cache = await cacheOf(measurement);
    const missing = tellKnown(request, cache, context);
    const all = { inputs: samples.kind, samples: places.length, stability: [] };
    if (missing.layers.length === 0) return cache.summary ?? all;
    const learning = {
      ...context,
      progress: (batch: SensitivityBatch) => {
        // What few samples say is shown, not kept.
        batch.layers.filter((each) => isComplete(each, places.length)).forEach((each) => cache.add(each));
        context.progress({ ...batch, layers: batch.layers.map((each) => withKnown(each, cache)) });
      },
    };
    try {
      const rest = { ...measurement, request: { ...request, ...missing } };
      const stability =
        request.level === 'model' ? await this.ofModel(rest, learning) : await this.ofLayers(rest, learning);
      const summary = { ...all, stability };
      cache.save(missing.layers.length === request.layers.length ? summary : null);
      return cache.summary ?? summary;
    } catch (error) {
      cache.save(null);
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
    return { request, model, shapes, samples, places: spread(count, samples.all.count) };
  }

  private ofModel({ request, shapes, places }: Measurement, context: Context) {
    const { path, calibration, activations, layers, schemes } = request;
    const variants = { model: { path, calibration, shapes, activations }, layers, schemes, places };
    return modelSensitivity(variants, this.variants.start, this.variants.count, context);
  }

  private async ofLayers(measurement: Measurement, context: Context): Promise<[]> {
    const { model, request, places } = measurement;
    const { layers, schemes } = request;
    const moments = await this.momentsOf(measurement, context);
    await layerSensitivity(model, moments, layers, schemes, this.pool, {
      ...context,
      progress: ({ done, total, ...news }) =>
        context.progress({ ...news, done: done + places.length, total: total + places.length }),
    });
    return [];
  }

  private async momentsOf(
    { request, model, samples, places }: Measurement,
    { signal, progress }: Context,
  ): Promise<ReadonlyMap<string, LayerMoments>> {
    const { path, calibration, shapes, layers } = request;
    const { bytes } = model.inspection.model;
    const key = JSON.stringify([path, bytes, calibration, shapes, places]);
    if (this.kept?.key === key) return this.kept.moments;
    // Not both at a time.
    this.kept = null;
    embedAll(model, model.files);
    const moments = await gatherMoments(model, samples.all, places, async (done) => {
      progress({ layers: [], done, total: places.length + layers.length });
      await nextTurn();
      if (signal.aborted) throw new CancelledError();
    });
    this.kept = { key, moments };
    return moments;
  }
}

async function cacheOf({ request, model, shapes, samples, places }: Measurement): Promise<SensitivityCache> {
  const { cache, path, level, calibration, activations } = request;
  if (cache === null) return SensitivityCache.none();
  const image = calibration === 'synthetic' ? null : calibration.image;
  // Of a file with many samples, both numbers tell which are meant.
  const count = [places.length, samples.all.count];
  const options = [level, shapes, image, count, level === 'model' ? activations : null];
  return SensitivityCache.open(cache, [path, ...model.files.paths, ...samples.all.files(places)], options);
}

/** Reports what the cache has; layers and schemes that it has not. */
function tellKnown(request: SensitivityRequest, cache: SensitivityCache, { progress }: Context) {
  const { layers, schemes, level, activations } = request;
  const wanted = activations !== null && level === 'model' ? [...schemes, ACTIVATIONS] : schemes;
  const lacks = (layer: string) => {
    const known = cache.layer(layer);
    if (known?.problem != null) return [];
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
  return { layers: missing, schemes: schemes.filter((scheme) => lacking.has(scheme)) };
}

function isComplete({ level, errors, problem }: OutputErrors, samples: number): boolean {
  return (
    level === 'layer' || problem !== null || Object.values(errors).every((error) => error.samples === samples)
  );
}

function withKnown(errors: OutputErrors, cache: SensitivityCache): OutputErrors {
  const known = cache.layer(errors.layer);
  return known ? ({ ...errors, errors: { ...known.errors, ...errors.errors } } as OutputErrors) : errors;
}
