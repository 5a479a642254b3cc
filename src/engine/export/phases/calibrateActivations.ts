import { observeIntegers } from '../integers';
import type { Phase } from '../Phase';
import { step } from '../step';

/** Fits scales to the activations of all layers that can compute in integers. */
export const calibrateActivations: Phase = async (snapshot, context) => {
  const { request, comparison, repair, job } = context;
  const { model, recipe, replacements } = snapshot;
  const progress = (fraction: number) => job.progress({ stage: 'calibrating', fraction });
  const integers = await observeIntegers(
    model,
    replacements,
    { ...request, recipe },
    { ...comparison, progress },
    repair,
    (fraction) => step(job, 'calibrating', fraction),
  );
  return { ...snapshot, integers };
};
