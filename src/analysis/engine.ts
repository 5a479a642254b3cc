import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AnalysisBatch, EngineApi } from '../shared/engineApi';
import type { LayerAnalysis } from '../shared/measures';
import { CancelledError, type Handlers, type JobContext } from '../shared/rpc';
import type { QuantizingSchemeId } from '../shared/scheme';
import { analyseLayer } from './analyseLayer';
import { exportModel } from './exportModel';
import { layerView } from './layerView';
import { OpenModels, weightOf } from './OpenModels';
import { Workbench, type LoadKernel } from './Workbench';

/** Progress goes out at most ten times a second, and other jobs get their turn as often. */
const TURN_MS = 100;

/** The engine's jobs, for a process that serves them. */
export function createEngine(loadKernel: LoadKernel): Handlers<EngineApi> {
  const models = new OpenModels();
  // Layer views are short and run in one go, so that one workbench serves them all.
  let viewBench: Promise<Workbench> | undefined;
  return {
    inspect: ({ path }) => models.get(path).inspection,
    analyse: async ({ path, schemes }, context) => {
      await analyse(models, path, schemes, await Workbench.create(loadKernel), context);
      return null;
    },
    layerView: async (request) => {
      const bench = await (viewBench ??= Workbench.create(loadKernel));
      const model = models.get(request.path);
      const weight = weightOf(model, request.layer);
      return layerView(bench, weight, request, model.layers.get(request.layer)!.summary.bytes);
    },
    export: async (request, context) => exportModel(await Workbench.create(loadKernel), request, context),
    peakMemory: () => process.resourceUsage().maxRSS * 1024,
  };
}

async function analyse(
  models: OpenModels,
  path: string,
  schemes: readonly QuantizingSchemeId[],
  bench: Workbench,
  { signal, progress }: JobContext<AnalysisBatch>,
): Promise<void> {
  const model = models.get(path);
  const names = model.inspection.layers.filter(({ quantized }) => quantized === null).map(({ name }) => name);
  let batch: LayerAnalysis[] = [];
  let done = 0;
  let last = performance.now();
  const flush = () => {
    progress({ layers: batch, done, total: names.length });
    batch = [];
  };
  const pause = async () => {
    if (performance.now() - last < TURN_MS) return;
    if (batch.length > 0) flush();
    await nextTurn();
    last = performance.now();
    if (signal.aborted) throw new CancelledError();
  };
  for (const name of names) {
    // Awaited on its own: `batch` may be another array by the time the layer is done.
    const analysis = await analyseLayer(bench, name, weightOf(model, name), schemes, pause);
    batch.push(analysis);
    done++;
    await pause();
  }
  flush();
}
