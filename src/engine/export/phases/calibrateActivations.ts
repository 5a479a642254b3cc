import { UserError } from '../../../base/UserError';
import { observeIntegers, type Integers } from '../integers';
import { measuredAnew } from '../measuredAnew';
import { repairRanges } from '../repairRanges';
import type { Phase, PhaseContext, Snapshot } from '../Phase';
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
  const { integers, report, notes } = await repairedRanges(snapshot, context, observed);
  return {
    ...snapshot,
    integers,
    notes: [...snapshot.notes, ...notes],
    repairs: report ? [...repairs, report] : repairs,
    replacements: integers.weights,
    layers: measuredAnew(weightKernel, model, replacements, integers.weights, layers),
  };
};

/** Repairs ranges; where parts of the model do not run on their own, they stay, and a note says so. */
async function repairedRanges(snapshot: Snapshot, context: PhaseContext, observed: Integers) {
  try {
    return { ...(await repairRanges(snapshot, context, observed)), notes: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const note = `Activations have the ranges of the recipe, as their effect cannot be measured: ${error.message}`;
    return { integers: observed, report: null, notes: [note] };
  }
}
