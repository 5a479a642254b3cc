/** Runs the engine's jobs, each of which is a file beside this one. */
import type { EngineApi } from '../../protocol/engineApi';
import type { Handlers, JobContext } from '../../base/rpc';
import { pauses } from '../../base/pauses';
import { explained } from '../../files/systemError';
import { Activations } from '../activations/Activations';
import { OpenModels } from '../models/OpenModels';
import { openOnThread, type OpeningThread } from '../models/openOnThread';
import type { StartVariantThread } from '../sensitivity/modelSensitivity';
import { Sensitivities } from '../sensitivity/Sensitivities';
import { KernelThread, type StartThread } from '../threads/KernelThread';
import { ThreadPool } from '../threads/ThreadPool';
import type { LoadKernel } from '../weights/WeightKernel';
import { activationView } from './activationView';
import { bakeOff } from './bakeOff';
import { describeData } from './describeData';
import { exportModel } from './exportModel';
import { inspect } from './inspect';
import type { Environment, Shared } from './Job';
import { layerView } from './layerView';
import { measure } from './measure';
import { peakMemory } from './peakMemory';
import { repairView } from './repairView';

export interface EngineOptions {
  readonly loadKernel: LoadKernel;
  readonly startThread: StartThread;
  readonly startVariantThread: StartVariantThread;
  readonly startOpening: () => OpeningThread;
  /** How many threads analyse layers at a time. */
  readonly threads: number;
}

/** The engine's jobs, for a process that serves them. */
export function createEngine(options: EngineOptions): Handlers<EngineApi> {
  const shared = share(options);
  const run =
    <Params, Progress, Result>(
      job: (params: Params, environment: Environment<Progress>) => Promise<Result> | Result,
    ) =>
    async (params: Params, { signal, progress }: JobContext<Progress>): Promise<Result> => {
      try {
        return await job(params, { ...shared, signal, progress, pause: pauses(signal) });
      } catch (error) {
        throw explained(error);
      }
    };
  return {
    inspect: run(inspect),
    measure: run(measure),
    layerView: run(layerView),
    bakeOff: run(bakeOff),
    describeData: run(describeData),
    activationView: run(activationView),
    repairView: run(repairView),
    export: run(exportModel),
    peakMemory: run(peakMemory),
  };
}

function share({
  loadKernel,
  startThread,
  startVariantThread,
  startOpening,
  threads,
}: EngineOptions): Shared {
  const models = new OpenModels(openOnThread(startOpening));
  const pool = new ThreadPool(startThread, threads);
  let viewThread: KernelThread | undefined;
  return {
    models,
    threads: { pool, view: () => (viewThread ??= new KernelThread(startThread)), loadKernel },
    store: {
      activations: new Activations(models),
      sensitivities: new Sensitivities(
        models,
        pool,
        { start: startVariantThread, count: threads },
        loadKernel,
      ),
    },
  };
}
