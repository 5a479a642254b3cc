import type { AnalysisBatch, EngineApi } from '../../protocol/engineApi';
import type { LayerAnalysis } from '../../core/measure/measures';
import type { LayerSummary } from '../../core/model/model';
import type { Handlers, JobContext } from '../../base/rpc';
import type { SchemeId } from '../../core/scheme/scheme';
import { Activations } from '../activations/Activations';
import { describeData } from '../data/describeData';
import { exportModel } from '../export/exportModel';
import { OpenModels, weightOf, type OpenModel } from '../models/OpenModels';
import type { StartVariantThread } from '../sensitivity/modelSensitivity';
import { Sensitivities } from '../sensitivity/Sensitivities';
import { KernelThread, type StartThread } from '../threads/KernelThread';
import { ThreadPool } from '../threads/ThreadPool';
import { pauses } from '../../base/pauses';
import { WeightKernel, type LoadKernel } from '../weights/WeightKernel';

/** Progress goes out at most ten times a second. */
const PROGRESS_MS = 100;

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
    analyse: async ({ path, schemes }, context) => {
      await analyse(models.get(path), schemes, pool, context);
      return null;
    },
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
    sensitivity: (request, context) => sensitivities.measure(request, context),
    export: async (request, context) => exportModel(await WeightKernel.create(loadKernel), request, context),
    peakMemory: () => process.resourceUsage().maxRSS * 1024,
  };
}

/** Analyses all layers, as many at a time as there are threads. */
async function analyse(
  model: OpenModel,
  schemes: readonly SchemeId[],
  pool: ThreadPool,
  { signal, progress }: JobContext<AnalysisBatch>,
): Promise<void> {
  const names = inOrder(model.inspection.layers.filter(({ quantized }) => quantized === null));
  let batch: LayerAnalysis[] = [];
  let done = 0;
  let last = performance.now();
  const flush = () => {
    progress({ layers: batch, done, total: names.length });
    batch = [];
  };
  const analyseOne = async (name: string) => {
    const layer = await pool.use((thread) =>
      thread.run(weightOf(model, name), 'analyse', { name, schemes }, { signal }),
    );
    // Not before the wait: the batch may be another one by then.
    batch.push(layer);
    done++;
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    flush();
  };
  // The first failure, which may be the cancellation, ends all: those behind it find their signal aborted or their thread busy no more.
  await Promise.all(names.map(analyseOne));
  flush();
}

/** A layer with more than this share of all weights would keep one thread busy when the others are done, if it came late. */
const LARGE = 0.05;

/** Names of the layers, the large ones first, the others as they are in the model. */
function inOrder(layers: readonly LayerSummary[]): string[] {
  const large = LARGE * layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const size = ({ parameters }: LayerSummary) => (parameters > large ? parameters : 0);
  return layers.toSorted((a, b) => size(b) - size(a)).map(({ name }) => name);
}
