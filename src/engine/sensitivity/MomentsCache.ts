import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from '../../base/rpc';
import type { OpenModel } from '../models/OpenModels';
import { sampleStamp } from '../data/sampleStamp';
import { emptyMoments, gatherMoments, type Gathered, type LayerMoments } from '../moments/gatherMoments';
import type { LoadKernel } from '../weights/WeightKernel';
import type { Context, PreparedRequest } from './PreparedRequest';

/** Numbers kept for all layers together: 256 MB; and for one of them. */
const MAX_NUMBERS = 2 ** 25;
const MAX_OF_A_LAYER = 2 ** 20;
const POSITIONS = 64;

/** Moments by layer. */
type ByLayer = ReadonlyMap<string, LayerMoments>;

/** Moments of what layers read. */
export interface RequestMoments {
  /** On the samples that errors are measured on. */
  readonly measured: ByLayer;
  /** On those that weights are repaired by; null where none is. */
  readonly fitted: ByLayer | null;
}

interface Kept {
  readonly model: OpenModel;
  readonly key: string;
  readonly measured: Gathered;
  readonly fitted: Gathered | null;
}

/**
 * The second moments of the last model: further schemes need no further run, and a gathering that was cancelled goes on where it was.
 */
export class MomentsCache {
  private kept: Kept | null = null;
  /** The gathering under way or done last; never fails. */
  private gathering: Promise<unknown> = Promise.resolve();

  constructor(private readonly loadKernel: LoadKernel) {}

  /**
   * One gathering at a time: each takes much memory, and one may go on from what the one before, cancelled, still adds to.
   * @throws UserError if the model does not run on a sample
   * @throws CancelledError
   */
  of(prepared: PreparedRequest, context: Context): Promise<RequestMoments> {
    const moments = this.gathering.then(() => this.gather(prepared, context));
    this.gathering = moments.catch(() => {});
    return moments;
  }

  private async gather(prepared: PreparedRequest, { signal, progress }: Context): Promise<RequestMoments> {
    const { request, model, samples, sampleIndices } = prepared;
    // It may have waited, and what is kept is not to be dropped for it.
    if (signal.aborted) throw new CancelledError();
    const { measured, fitted } = await this.keptFor(prepared);
    const total = sampleIndices.length + (prepared.fitted?.length ?? 0) + request.layers.length;
    const gather = (gathered: Gathered, indices: readonly number[], before: number) =>
      gatherMoments(model, samples.all, indices, gathered, async (done) => {
        progress({ measurements: [], done: before + done, total });
        await nextTurn();
        if (signal.aborted) throw new CancelledError();
      });
    try {
      await gather(measured, sampleIndices, 0);
      if (fitted) await gather(fitted, prepared.fitted!, sampleIndices.length);
    } catch (error) {
      if (!(error instanceof CancelledError)) this.kept = null;
      throw error;
    }
    return { measured: measured.layers, fitted: fitted && fitted.layers };
  }

  private async keptFor({ model, samples: { all }, sampleIndices, fitted }: PreparedRequest): Promise<Kept> {
    const key = [sampleIndices, ...(fitted ? [fitted] : [])]
      .map((indices) => sampleStamp(all, indices))
      .join(' ');
    if (this.kept?.model === model && this.kept.key === key) return this.kept;
    // Not both at a time.
    this.kept = null;
    return (this.kept = {
      ...{ model, key },
      measured: await measurable(this.loadKernel, model),
      fitted: fitted && (await measurable(this.loadKernel, model)),
    });
  }
}

/** Moments of no sample yet, of all layers. */
function measurable(loadKernel: LoadKernel, model: OpenModel): Promise<Gathered> {
  const names = [...model.layers.keys()];
  const share = Math.floor(MAX_NUMBERS / Math.max(1, names.length));
  const limits = { numbers: Math.min(MAX_OF_A_LAYER, share), positions: POSITIONS };
  return emptyMoments(loadKernel, model, names, limits);
}
