import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from '../../base/rpc';
import type { OpenModel } from '../models/OpenModels';
import { sampleStamp } from '../data/sampleStamp';
import { emptyMoments, gatherMoments, type Gathered, type LayerMoments } from '../moments/gatherMoments';
import type { Context, PreparedRequest } from './PreparedRequest';

/** Numbers kept for all layers together: 256 MB; and for one of them. */
const MAX_NUMBERS = 2 ** 25;
const MAX_OF_A_LAYER = 2 ** 20;
const POSITIONS = 64;

/**
 * The second moments of the last model: further schemes need no further run, and a gathering that was cancelled goes on where it was.
 */
export class MomentsCache {
  private kept: { readonly model: OpenModel; readonly key: string; readonly gathered: Gathered } | null =
    null;
  /** The gathering under way or done last; never fails. */
  private gathering: Promise<unknown> = Promise.resolve();

  /**
   * One gathering at a time: each takes much memory, and one may go on from what the one before, cancelled, still adds to.
   * @throws UserError if the model does not run on a sample
   * @throws CancelledError
   */
  of(prepared: PreparedRequest, context: Context): Promise<ReadonlyMap<string, LayerMoments>> {
    const moments = this.gathering.then(() => this.gather(prepared, context));
    this.gathering = moments.catch(() => {});
    return moments;
  }

  private async gather(
    { request, model, samples, sampleIndices }: PreparedRequest,
    { signal, progress }: Context,
  ): Promise<ReadonlyMap<string, LayerMoments>> {
    // It may have waited, and what is kept is not to be dropped for it.
    if (signal.aborted) throw new CancelledError();
    const key = sampleStamp(samples.all, sampleIndices);
    if (this.kept?.model !== model || this.kept.key !== key) {
      // Not both at a time.
      this.kept = null;
      this.kept = { model, key, gathered: measurable(model) };
    }
    const { gathered } = this.kept;
    try {
      await gatherMoments(model, samples.all, sampleIndices, gathered, async (done) => {
        progress({ measurements: [], done, total: sampleIndices.length + request.layers.length });
        await nextTurn();
        if (signal.aborted) throw new CancelledError();
      });
    } catch (error) {
      if (!(error instanceof CancelledError)) this.kept = null;
      throw error;
    }
    return gathered.layers;
  }
}

/** Moments of no sample yet, of all layers. */
function measurable(model: OpenModel): Gathered {
  const names = [...model.layers.keys()];
  const share = Math.floor(MAX_NUMBERS / Math.max(1, names.length));
  return emptyMoments(model, names, { numbers: Math.min(MAX_OF_A_LAYER, share), positions: POSITIONS });
}
