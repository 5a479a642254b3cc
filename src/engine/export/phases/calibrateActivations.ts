import { observeIntegers } from '../integers';
import { measuredAnew } from '../measuredAnew';
import { repairRanges } from '../repairRanges';
import type { Phase } from '../Phase';
import { step } from '../step';

/** Fits scales to the activations of all layers that can compute in integers. */
export const calibrateActivations: Phase = async (snapshot, context) => {
  const { weightKernel, request, comparison, repair, job } = context;
  const { model, recipe, replacements, layers, repairs } = snapshot;
  const progress = (fraction: number) => job.progress({ stage: 'calibrating', fraction });
  const observed = await observeIntegers(
    model,
    replacements,
    { ...request, recipe },
    { ...comparison, progress },
    repair,
    (fraction) => step(job, 'calibrating', fraction),
  );
  const { integers, report } = await repairRanges(snapshot, context, observed);
  return {
    ...snapshot,
    integers,
    repairs: report ? [...repairs, report] : repairs,
    replacements: integers.weights,
    layers: measuredAnew(weightKernel, model, replacements, integers.weights, layers),
  };
};
