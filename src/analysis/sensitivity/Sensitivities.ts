import { setImmediate as nextTurn } from 'node:timers/promises';
import { embedAll } from '../../onnx/serializeModel';
import { CancelledError, type JobContext } from '../../shared/rpc';
import type { SensitivityBatch, SensitivityRequest, SensitivitySummary } from '../../shared/sensitivity';
import { calibrationSamples, type SampleList } from '../calibrationSamples';
import type { OpenModel, OpenModels } from '../OpenModels';
import type { Shapes } from '../syntheticInputs';
import type { ThreadPool } from '../threads/ThreadPool';
import { workingShapes } from '../verify';
import { gatherMoments, type LayerMoments } from './gatherMoments';
import { layerSensitivity } from './layerSensitivity';
import { modelSensitivity, type StartVariantThread } from './modelSensitivity';

type Context = JobContext<SensitivityBatch>;

/** Where variants run, and how many at a time. */
export interface VariantThreads {
  readonly start: StartVariantThread;
  readonly count: number;
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
   * @throws UserError if there is no data, or the model does not run on it
   * @throws CancelledError
   */
  async measure(request: SensitivityRequest, context: Context): Promise<SensitivitySummary> {
    const { path, level, layers, schemes, calibration, activations } = request;
    const model = this.models.get(path);
    const { inputs } = model.inspection.model;
    const shapes = calibration === 'synthetic' ? await this.shapesOf(model, request, context) : {};
    const { kind, all } = calibrationSamples(calibration, path, inputs, shapes);
    const samples = Math.min(request.samples, all.count);
    if (level === 'model') {
      const places = spread(samples, all.count);
      const variant = { model: { path, calibration, shapes, activations }, layers, schemes, places };
      const stability = await modelSensitivity(variant, this.variants.start, this.variants.count, context);
      return { inputs: kind, samples, stability };
    }
    const moments = await this.momentsOf(model, request, all, samples, context);
    await layerSensitivity(model, moments, layers, schemes, this.pool, {
      ...context,
      progress: ({ done, total, ...news }) =>
        context.progress({ ...news, done: done + samples, total: total + samples }),
    });
    return { inputs: kind, samples, stability: [] };
  }

  private shapesOf(
    model: OpenModel,
    { path, shapes }: SensitivityRequest,
    { signal, progress }: Context,
  ): Promise<Shapes> {
    return workingShapes({
      source: path,
      inputs: model.inspection.model.inputs,
      shapes,
      signal,
      progress: () => progress({ layers: [], done: 0, total: 1 }),
    });
  }

  private async momentsOf(
    model: OpenModel,
    { path, calibration, shapes, layers }: SensitivityRequest,
    list: SampleList,
    samples: number,
    { signal, progress }: Context,
  ): Promise<ReadonlyMap<string, LayerMoments>> {
    const { bytes } = model.inspection.model;
    const key = JSON.stringify([path, bytes, calibration, shapes, samples]);
    if (this.kept?.key === key) return this.kept.moments;
    // Not both at a time.
    this.kept = null;
    embedAll(model, model.files);
    const moments = await gatherMoments(model, list, spread(samples, list.count), async (done) => {
      progress({ layers: [], done, total: samples + layers.length });
      await nextTurn();
      if (signal.aborted) throw new CancelledError();
    });
    this.kept = { key, moments };
    return moments;
  }
}

/** Places of `samples` out of `count`, evenly over all of them. */
export function spread(samples: number, count: number): number[] {
  return Array.from({ length: samples }, (_, i) => Math.floor((i * count) / samples));
}
