import type { BakeOffEntry } from '../../protocol/engineApi';
import type { Handlers } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import { analyseLayer } from '../weights/analyseLayer';
import { bakeOff } from '../weights/bakeOff';
import { layerView } from '../weights/layerView';
import { openWeight } from '../weights/openWeight';
import { pauses } from '../../base/pauses';
import type { Weight } from '../weights/Weight';
import { layerOutputErrors, repairedErrors } from '../sensitivity/layerOutputErrors';
import { LayerRounding } from '../recovery/rounding/LayerRounding';
import { repairView } from '../recovery/rounding/repairView';
import { roundingKernels, type RoundingKernels } from '../recovery/rounding/RoundingKernels';
import type { WeightPasses } from '../weights/WeightPasses';
import { WeightKernel, type LoadKernel } from '../weights/WeightKernel';
import type { ThreadApi } from '../threads/ThreadApi';

/** A kernel thread's jobs. The main thread sends one at a time. */
export function createThread(loadKernel: LoadKernel): Handlers<ThreadApi> {
  let weightKernel: Promise<WeightKernel> | undefined;
  let kernels: Promise<RoundingKernels> | undefined;
  let weight: Weight | null = null;
  /** Statistics of the weight stay for its next view. */
  let passes: WeightPasses | { readonly problem: string } | null = null;

  const workbench = () => (weightKernel ??= WeightKernel.create(loadKernel));
  const rounding = () => (kernels ??= workbench().then(roundingKernels));
  const held = () => {
    if (!weight) throw new Error('The thread holds no weight.');
    return weight;
  };
  const opened = async () => {
    passes ??= openWeight(await workbench(), held());
    if ('problem' in passes) throw new UserError(passes.problem);
    return passes;
  };

  return {
    hold: (taken) => {
      weight = taken;
      passes = null;
      return null;
    },
    analyse: async ({ name, schemes }, { signal }) =>
      analyseLayer(await workbench(), name, held(), schemes, pauses(signal)),
    layerView: async ({ request, bytesBefore }, { signal }) =>
      layerView(await workbench(), await opened(), request, bytesBefore, pauses(signal)),
    outputErrors: async ({ schemes, fitted, ...rest }, { signal }) => {
      const passes = await opened();
      const benches = await rounding();
      return fitted
        ? repairedErrors(new LayerRounding(benches, passes, { ...rest, fitted }), schemes, pauses(signal))
        : layerOutputErrors(benches, passes, rest, schemes, pauses(signal));
    },
    repairView: async ({ scheme, ...inputs }, { signal }) => {
      const passes = await opened();
      return repairView(new LayerRounding(await rounding(), passes, inputs), scheme, pauses(signal));
    },
    bakeOff: async ({ schemes }, { signal, progress }) => {
      const found: BakeOffEntry[] = [];
      const pause = pauses(signal, () => found.length > 0 && progress(found.splice(0)));
      const theory = await bakeOff(await workbench(), await opened(), schemes, pause, (entry) =>
        found.push(entry),
      );
      progress(found);
      return theory;
    },
  };
}
