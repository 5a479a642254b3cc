import type { EngineApi } from '../../protocol/engineApi';
import type { Handlers } from '../../base/rpc';
import { Activations } from '../activations/Activations';
import { describeData } from '../data/describeData';
import { exportModel } from '../export/exportModel';
import { OpenModels, weightOf } from '../models/OpenModels';
import type { StartVariantThread } from '../sensitivity/modelSensitivity';
import { Sensitivities } from '../sensitivity/Sensitivities';
import { KernelThread, type StartThread } from '../threads/KernelThread';
import { ThreadPool } from '../threads/ThreadPool';
import { pauses } from '../../base/pauses';
import { WeightKernel, type LoadKernel } from '../weights/WeightKernel';

export interface EngineOptions {
  /** For exports and what is measured of them, which run on the main thread: they have a process of their own. */
  readonly loadKernel: LoadKernel;
  readonly startThread: StartThread;
  readonly startVariantThread: StartVariantThread;
  /** How many threads analyse layers at a time. */
  readonly threads: number;
}

/** The engine's jobs, for a process that serves them. */
export function createEngine({
  loadKernel,
  startThread,
  startVariantThread,
  threads,
}: EngineOptions): Handlers<EngineApi> {
  const models = new OpenModels();
  const pool = new ThreadPool(startThread, threads);
  const activations = new Activations(models);
  const variants = { start: startVariantThread, count: threads };
  const sensitivities = new Sensitivities(models, pool, variants, loadKernel);
  // What a user looks at has a thread of its own, so that it never waits for an analysis.
  let viewThread: KernelThread | undefined;
  return {
    inspect: ({ path }) => models.get(path).inspection,
    measure: (request, context) => sensitivities.measure(request, context),
    layerView: async (request, { signal }) => {
      const model = models.get(request.path);
      const weight = weightOf(model, request.layer);
      const bytesBefore = model.layers.get(request.layer)!.summary.bytes;
      viewThread ??= new KernelThread(startThread);
      return viewThread.run(weight, 'layerView', { request, bytesBefore }, { signal });
    },
    bakeOff: ({ path, layer, schemes }, { signal, progress }) => {
      const weight = weightOf(models.get(path), layer);
      // Someone waits for this one, while an analysis of all layers goes on beside it.
      return pool.useNext((thread) =>
        thread.run(weight, 'bakeOff', { schemes }, { signal, onProgress: progress }),
      );
    },
    describeData: ({ path, calibration }, { signal }) =>
      describeData(models.get(path), path, calibration, pauses(signal)),
    activationView: (request, { signal }) => activations.view(request, signal, pauses(signal)),
    export: async (request, context) => exportModel(await WeightKernel.create(loadKernel), request, context),
    peakMemory: () => process.resourceUsage().maxRSS * 1024,
  };
}
