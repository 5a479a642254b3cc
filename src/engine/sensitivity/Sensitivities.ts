import { VERSIONS } from '../runtime/versions';
import {
  ACTIVATIONS,
  mergeMeasurement,
  repairedScheme,
  type Measurement,
} from '../../core/measure/Measurement';
import type { Stability } from '../../core/measure/stability';
import type {
  MeasurementBatch,
  MeasurementSummary,
  MeasureRequest,
  OutputRequest,
} from '../../core/measure/MeasureRequest';
import { calibrationSamples } from '../data/calibrationSamples';
import { UserError } from '../../base/UserError';
import { divide } from '../recovery/repairSamples';
import { roundingInputs } from '../recovery/rounding/roundingInputs';
import { weightOf, type OpenModels } from '../models/OpenModels';
import { quoted } from '../../base/quoted';
import type { RepairViewRequest } from '../../core/measure/repairView';
import { pauses, type Pause } from '../../base/pauses';
import { evenlySpaced } from '../data/evenlySpaced';
import type { ThreadPool } from '../threads/ThreadPool';
import { workingShapes } from '../data/workingShapes';
import type { LoadKernel } from '../weights/WeightKernel';
import { fitLayerInputs } from './fitLayerInputs';
import { MomentsCache } from './MomentsCache';
import { layerSensitivity } from './layerSensitivity';
import { isComplete, reportAll, summaryOf, type Context, type PreparedRequest } from './PreparedRequest';
import { modelSensitivity, type VariantThreads } from './modelSensitivity';
import { othersQuantized } from './othersQuantized';
import { SensitivityCache } from './SensitivityCache';
import { weightSensitivity } from './weightSensitivity';

/** Measures errors at all levels. The second moments of the last model stay, so that further schemes need no further run. */
export class Sensitivities {
  private readonly moments: MomentsCache;

  constructor(
    private readonly models: OpenModels,
    private readonly pool: ThreadPool,
    private readonly variants: VariantThreads,
    private readonly loadKernel: LoadKernel,
  ) {
    this.moments = new MomentsCache(loadKernel);
  }

  /**
   * Reports what is cached, and measures the rest.
   * @throws UserError if there is no data, or the model does not run on it, or not as the recipe quantizes it
   * @throws CancelledError
   */
  async measure(request: MeasureRequest, context: Context): Promise<MeasurementSummary> {
    if (request.level === 'weights') {
      const model = await this.models.open(request.path, context.signal);
      return weightSensitivity(model, request, this.pool, context);
    }
    const prepared = await this.prepare(request, context);
    const { others, level } = request;
    if (level !== 'model' || others === null) return this.measureSchemes(prepared, context);
    const measureOthers = (rest: Context) =>
      othersQuantized(prepared, others, this.variants, this.loadKernel, rest);
    if (request.schemes.length === 0) return { ...summaryOf(prepared), recipe: await measureOthers(context) };
    const [first, second] = halves(context);
    return { ...(await this.measureSchemes(prepared, first)), recipe: await measureOthers(second) };
  }

  /** Schemes as they are, then repaired ones. */
  private async measureSchemes(prepared: PreparedRequest, context: Context): Promise<MeasurementSummary> {
    const { schemes } = prepared.request;
    const repaired = schemes.filter((scheme) => repairedScheme(scheme) !== null);
    if (repaired.length === 0) return this.measureAlone(prepared, context);
    const alone = { ...prepared, request: { ...prepared.request, schemes: repaired } };
    if (repaired.length === schemes.length) return this.measureAlone(forRepair(alone), context);
    const [first, second] = halves(context);
    const nearest = schemes.filter((scheme) => repairedScheme(scheme) === null);
    const request = { ...prepared.request, schemes: nearest };
    const summary = await this.measureAlone({ ...prepared, request }, first);
    const { stability } = await this.measureAlone(forRepair(alone), second);
    return { ...summary, stability: { ...summary.stability, ...stability } };
  }

  /** One layer quantized at a time. */
  private async measureAlone(prepared: PreparedRequest, context: Context): Promise<MeasurementSummary> {
    const { request, sampleIndices } = prepared;
    const cache = await cacheOf(prepared, context);
    const missing = reportCached(request, cache, context);
    const all = summaryOf(prepared);
    if (missing.layers.length === 0) return { ...all, ...cache.summary };
    const learning = {
      ...context,
      progress: (batch: MeasurementBatch) => {
        const { measurements } = batch;
        measurements
          .filter((each) => isComplete(each, sampleIndices.length))
          .forEach((each) => cache.add(each));
        context.progress({ ...batch, measurements: measurements.map((each) => withCached(each, cache)) });
      },
    };
    try {
      const { layers, schemes } = missing;
      const rest = { ...prepared, request: { ...request, layers, schemes } };
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

  private async prepare(request: OutputRequest, context: Context): Promise<PreparedRequest> {
    const { path, calibration, shapes: fixed } = request;
    const model = await this.models.get(path, context.signal);
    const { inputs } = model.inspection.model;
    const { signal, progress } = context;
    const options = {
      source: path,
      inputs,
      shapes: fixed,
      signal,
      progress: () => progress({ measurements: [], done: 0, total: 1 }),
    };
    const shapes = calibration === 'synthetic' ? await workingShapes(options) : {};
    const samples = calibrationSamples(calibration, path, inputs, shapes);
    const count = Math.min(request.samples, samples.all.count);
    const sampleIndices = evenlySpaced(count, samples.all.count);
    return { request, model, shapes, samples, sampleIndices, fitted: null };
  }

  private async ofModel(prepared: PreparedRequest, context: Context) {
    const { request, shapes, sampleIndices } = prepared;
    const { path, calibration, activations, layers, schemes } = request;
    const inputs = activations === null ? null : await fitLayerInputs(prepared, activations, context);
    const model = { path, calibration, shapes, inputs, quantized: null };
    const repair = prepared.fitted === null ? null : await this.repairs(prepared, context);
    return modelSensitivity(
      { model, layers, schemes, sampleIndices, inputs: prepared.samples.kind, repair },
      this.variants,
      context,
    );
  }

  /**
   * A layer's weight with what it is rounded by: moments that a heatmap of repaired errors takes as well.
   * @throws UserError if the model has no such layer, or nothing is known of what it reads
   */
  async roundingOf({ layer, ...rest }: RepairViewRequest, signal: AbortSignal, pause: Pause) {
    const unused = { activations: null, others: null, cache: null };
    const request = { ...rest, level: 'layer', layers: [layer], schemes: [rest.scheme], ...unused } as const;
    const context = { signal, progress: () => {} };
    const prepared = forRepair(await this.prepare(request, context));
    const { model, fitted, sampleIndices } = prepared;
    if (!model.layers.has(layer)) throw new UserError(`The model has no layer ${quoted(layer)}.`);
    await pause();
    const inputs = (await this.repairs(prepared, context))(layer);
    if (typeof inputs === 'string') throw new UserError(`The layer is rounded to nearest: ${inputs}.`);
    const samples = { fitted: fitted!.length, judged: sampleIndices.length };
    return { weight: weightOf(model, layer), inputs, samples };
  }

  /** What weights are repaired by, layer by layer. */
  private async repairs(prepared: PreparedRequest, context: Context) {
    const { measured, fitted } = await this.moments.of(prepared, context);
    return (layer: string) => roundingInputs(prepared.model, fitted!.get(layer)!, measured.get(layer)!);
  }

  private async ofLayers(prepared: PreparedRequest, context: Context): Promise<Stability> {
    const { model, request, samples, sampleIndices } = prepared;
    const { layers, schemes } = request;
    const moments = await this.moments.of(prepared, context);
    const wanted = { layers, schemes, inputs: samples.kind };
    await layerSensitivity(model, moments, wanted, this.pool, {
      ...context,
      progress: ({ done, total, ...news }) =>
        context.progress({ ...news, done: done + sampleIndices.length, total: total + sampleIndices.length }),
    });
    return {};
  }
}

/** Contexts for two measurements of the same layers, of which the second's figures come beside the first's. */
function halves({ signal, progress }: Context): [Context, Context] {
  const found = new Map<string, Measurement>();
  const first = ({ measurements, done, total }: MeasurementBatch) => {
    for (const each of measurements) found.set(each.layer, each);
    progress({ measurements, done, total: 2 * total });
  };
  const second = ({ measurements, done, total }: MeasurementBatch) => {
    const both = measurements.map((each) => mergeMeasurement(found.get(each.layer), each));
    progress({ measurements: both, done: total + done, total: 2 * total });
  };
  return [
    { signal, progress: first },
    { signal, progress: second },
  ];
}

/**
 * The request with its samples divided: some that weights are repaired by, and others that errors are measured on.
 * @throws UserError if there are too few
 */
function forRepair(prepared: PreparedRequest): PreparedRequest {
  const divided = divide(prepared.sampleIndices);
  if (!divided)
    throw new UserError('Repaired errors take two samples or more: some to repair by, others to measure on.');
  // What else may be asked for is no weight's, and measured on all samples.
  const request = { ...prepared.request, activations: null };
  return { ...prepared, request, sampleIndices: divided.judged, fitted: divided.fitted };
}

function cacheOf(
  { request, model, samples, sampleIndices, fitted }: PreparedRequest,
  { signal, progress }: Context,
): Promise<SensitivityCache> {
  const { cache, path, level, activations } = request;
  const { all } = samples;
  const ofOutputs = { activations, labels: all.labels && sampleIndices.map((index) => all.labels![index]) };
  const origin = {
    versions: VERSIONS,
    files: [path, ...model.files.paths, ...all.files([...sampleIndices, ...(fitted ?? [])])],
    options: [
      ...[level, all.options(sampleIndices), level === 'model' ? ofOutputs : null],
      ...(fitted ? [all.options(fitted)] : []),
    ],
  };
  const pause = pauses(signal, () => progress({ measurements: [], done: 0, total: 1 }));
  return SensitivityCache.open(cache, origin, pause);
}

/** Reports what is cached; the layers and schemes that are not, and whether these are all layers that can be measured. */
function reportCached(request: OutputRequest, cache: SensitivityCache, { progress }: Context) {
  const { layers, schemes, level, activations } = request;
  const wanted = activations !== null && level === 'model' ? [...schemes, ACTIVATIONS] : schemes;
  const isImpossible = (layer: string) => (cache.get(layer)?.problem ?? null) !== null;
  const lacks = (layer: string) => {
    const cached = cache.get(layer);
    if (isImpossible(layer)) return [];
    // A layer whose input is no activation never has that variant.
    return wanted.filter((scheme) => !cached || (scheme !== ACTIVATIONS && !cached.errors[scheme]));
  };
  reportAll(layers, cache, progress);
  const missing = layers.filter((layer) => lacks(layer).length > 0);
  const lacking = new Set(missing.flatMap(lacks));
  return {
    layers: missing,
    schemes: schemes.filter((scheme) => lacking.has(scheme)),
    complete: missing.length === layers.filter((layer) => !isImpossible(layer)).length,
  };
}

/** The measurement together with what the cache has of other variants. */
function withCached(measurement: Measurement, cache: SensitivityCache): Measurement {
  return mergeMeasurement(cache.get(measurement.layer) ?? undefined, measurement);
}
