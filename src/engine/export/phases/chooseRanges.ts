import { UserError } from '../../../base/UserError';
import type { Phase } from '../Phase';
import { repairRanges } from '../repairRanges';

/** Gives calibrated activations other ranges where the model's outputs are better for it; where parts of the model do not run on their own, a note says so. */
export const chooseRanges: Phase = async (snapshot, context) => {
  try {
    const { integers, report } = await repairRanges(snapshot, context, snapshot.integers!);
    return report ? { ...snapshot, integers, repairs: [...snapshot.repairs, report] } : snapshot;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const note = `Activations have the ranges of the recipe, as their effect cannot be measured: ${error.message}`;
    return { ...snapshot, notes: [...snapshot.notes, note] };
  }
};
