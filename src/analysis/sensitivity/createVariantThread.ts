import type { Handlers } from '../../shared/rpc';
import { pauses } from '../pauses';
import { Workbench, type LoadKernel } from '../Workbench';
import type { VariantApi } from './VariantApi';
import { VariantRuns } from './VariantRuns';

/** The jobs of a thread that runs variants of a model. The main thread sends one at a time. */
export function createVariantThread(loadKernel: LoadKernel): Handlers<VariantApi> {
  let runs: VariantRuns | null = null;
  return {
    open: async (model) => {
      runs = new VariantRuns(await Workbench.create(loadKernel), model);
      return null;
    },
    measure: async ({ layers, schemes, samples }, { signal, progress }) => {
      if (!runs) throw new Error('The thread holds no model.');
      await runs.measure(
        layers,
        schemes,
        samples,
        pauses(signal, () => progress(null)),
        progress,
      );
      return null;
    },
  };
}
