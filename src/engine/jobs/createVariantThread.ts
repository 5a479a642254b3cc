import type { Handlers } from '../../base/rpc';
import { pauses } from '../../base/pauses';
import { WeightKernel, type LoadKernel } from '../weights/WeightKernel';
import { RecipeRuns } from '../sensitivity/RecipeRuns';
import type { VariantApi } from '../sensitivity/VariantApi';
import { VariantRuns } from '../sensitivity/VariantRuns';

/** The jobs of a thread that runs variants of a model. The main thread sends one at a time. */
export function createVariantThread(loadKernel: LoadKernel): Handlers<VariantApi> {
  let runs: VariantRuns | RecipeRuns | null = null;
  return {
    open: async (model) => {
      runs = model.quantized
        ? new RecipeRuns(model, model.quantized)
        : new VariantRuns(await WeightKernel.create(loadKernel), model);
      return null;
    },
    measure: async (job, { signal, progress }) => {
      if (!runs) throw new Error('The thread holds no model.');
      const pause = pauses(signal, () => progress(null));
      await runs.measure(job, pause, progress);
      return null;
    },
  };
}
