import { UserError } from '../../../base/UserError';
import type { SchemeId } from '../../../core/scheme/scheme';
import type { Pause } from '../../../base/pauses';
import type { SampleList } from '../../data/calibrationSamples';
import { weightOf, type OpenModel } from '../../formats/OpenModel';
import { emptyMoments, gatherMoments, type LayerMoments } from '../../moments/gatherMoments';
import { layerBatches } from '../../moments/layerBatches';
import { openWeight } from '../../weights/openWeight';
import type { LoadKernel, WeightKernel } from '../../weights/WeightKernel';
import type { RepairSamples } from '../repairSamples';
import { roundingKernels, type RoundingKernels } from './RoundingKernels';
import type { RoundingInputs } from '../../../quant/rounding/RoundingInputs';
import { LayerRounding } from './LayerRounding';
import { roundedLayer, type RoundedLayer, type RoundedLayers } from './RoundedLayers';
import { roundingInputs } from './roundingInputs';

/** Numbers kept at a time, 128 MB, for each of the two lists of samples: a layer of 4,096 inputs has all its moments. */
export const MAX_NUMBERS = 2 ** 24;
/** Vectors of each layer and sample. */
export const POSITIONS = 64;

/** Layers that were rounded before, and where to put those that are now; a text says why a layer stays. */
export interface LayerMemory {
  readonly known: ReadonlyMap<string, RoundedLayer | string>;
  add(layer: string, result: RoundedLayer | string): void;
}

/** How far a pass over the layers is, from 0 to 1. @throws CancelledError */
export type Step = (fraction: number) => Promise<void>;

/**
 * Rounds weights by second moments: runs the float model on the samples once for as many layers as fit in memory.
 * @param schemes of the layers to be rounded
 * @throws UserError if the model does not run on a sample
 * @throws CancelledError
 */
export async function roundLayers(
  weightKernel: WeightKernel,
  model: OpenModel,
  schemes: ReadonlyMap<string, SchemeId>,
  samples: RepairSamples,
  memory: LayerMemory,
  step: Step,
): Promise<RoundedLayers> {
  const kernels = await roundingKernels(weightKernel);
  const rounded = new Map<string, RoundedLayer>();
  const left = new Map<string, string>();
  const take = (name: string, result: RoundedLayer | string) => {
    if (typeof result === 'string') left.set(name, result);
    else rounded.set(name, result);
  };
  const { known } = memory;
  for (const name of schemes.keys()) if (known.has(name)) take(name, known.get(name)!);
  const names = [...schemes.keys()].filter((name) => !known.has(name));
  const batches = layerBatches(model, names, { together: MAX_NUMBERS, alone: MAX_NUMBERS });
  const runs = samples.fitted.count + samples.judged.count;
  // Of a batch, half the time is for gathering.
  const total = batches.length * runs + names.length;
  let done = 0;
  const pause = () => step(done / total);
  for (const batch of batches) {
    const gather = (list: SampleList) =>
      gathered(kernels.weights.loadKernel, model, batch, list, async () => {
        await pause();
        done++;
      });
    const fitted = await gather(samples.fitted);
    const judged = await gather(samples.judged);
    for (const name of batch) {
      await pause();
      const inputs = roundingInputs(model, fitted.get(name)!, judged.get(name)!);
      const result = await roundLayer(kernels, model, name, schemes.get(name)!, inputs, pause);
      take(name, result);
      memory.add(name, result);
      done++;
    }
  }
  return { rounded, left };
}

async function gathered(
  loadKernel: LoadKernel,
  model: OpenModel,
  names: readonly string[],
  samples: SampleList,
  step: () => Promise<void>,
): Promise<ReadonlyMap<string, LayerMoments>> {
  const all = await emptyMoments(loadKernel, model, names, { numbers: MAX_NUMBERS, positions: POSITIONS });
  if ([...all.layers.values()].every((each) => 'reason' in each)) return all.layers;
  await gatherMoments(model, samples, [...Array(samples.count).keys()], all, step);
  return all.layers;
}

async function roundLayer(
  kernels: RoundingKernels,
  model: OpenModel,
  name: string,
  scheme: SchemeId,
  inputs: RoundingInputs | string,
  pause: Pause,
): Promise<RoundedLayer | string> {
  if (typeof inputs === 'string') return inputs;
  const passes = openWeight(kernels.weights, weightOf(model, name));
  if ('problem' in passes) return passes.problem;
  try {
    const rounding = new LayerRounding(kernels, passes, inputs);
    const result = await rounding.round(scheme, pause);
    return result.reason ?? roundedLayer(kernels.weights, passes, result);
  } catch (error) {
    if (error instanceof UserError) return error.message.replace(/\.$/, '');
    throw error;
  }
}
