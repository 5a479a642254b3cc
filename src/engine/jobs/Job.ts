import type { EngineApi } from '../../protocol/engineApi';
import type { JobContext } from '../../base/rpc';
import type { Pause } from '../../base/pauses';
import type { Activations } from '../activations/Activations';
import type { OpenModels } from '../models/OpenModels';
import type { Sensitivities } from '../sensitivity/Sensitivities';
import type { KernelThread } from '../threads/KernelThread';
import type { ThreadPool } from '../threads/ThreadPool';
import type { LoadKernel } from '../weights/WeightKernel';

/** Shared by all jobs of the process. */
export interface Shared {
  readonly models: OpenModels;
  readonly threads: {
    readonly pool: ThreadPool;
    /** A thread of its own for the views that a user looks at, so that they never wait for an analysis. */
    view(): KernelThread;
    /** For exports, which run on the main thread: they have a process of their own. */
    readonly loadKernel: LoadKernel;
  };
  /** Results of earlier jobs that later ones build on. */
  readonly store: { readonly activations: Activations; readonly sensitivities: Sensitivities };
}

/** The context of a job beside its parameters. */
export interface Environment<Progress> extends Shared, JobContext<Progress> {
  /** To be called in long work: lets messages in, and throws CancelledError once the job is cancelled. */
  readonly pause: Pause;
}

/** A method of the protocol. @throws UserError, CancelledError, and the system's errors as they are */
export type Job<K extends keyof EngineApi> = (
  params: EngineApi[K]['params'],
  environment: Environment<EngineApi[K]['progress']>,
) => Promise<EngineApi[K]['result']> | EngineApi[K]['result'];
