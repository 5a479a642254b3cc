/** The user's samples that an export is repaired by and compared with its source on. */
import { UserError } from '../../base/UserError';
import { EVERY_REPAIR, NO_REPAIR, type RepairChoice } from '../../core/recipe/repair';
import { calibrationSamples, MAX_COMPARED, type SampleList } from '../data/calibrationSamples';
import { evenlySpaced } from '../data/evenlySpaced';
import { sampleSubset } from '../data/sampleSubset';
import type { VerifyOptions } from '../compare/verify';
import { repairSamples, type RepairSamples } from '../recovery/repairSamples';
import { runsModel, type QuantizeRequest } from './QuantizeRequest';

/** Samples that each step of preparation is compared on. */
const FEW = 4;

export interface ExportSamples {
  /** A few, for steps on the way; null for random numbers. */
  readonly few: SampleList | null;
  /** Those that an export of weights alone is compared on; null for random numbers. */
  readonly compared: SampleList | null;
  /** Those that repairs follow from; null where nothing is repaired. */
  readonly repair: RepairSamples | null;
  /** Remarks on the data, or why it is not used, in sentences for the user. */
  readonly notes: readonly string[];
}

/** @throws UserError if activations are to be quantized, and the data is not there */
export function exportSamples(request: QuantizeRequest, inputs: VerifyOptions['inputs']): ExportSamples {
  const { path, recipe } = request;
  const { calibration, activations } = recipe;
  const none = { few: null, compared: null, repair: null };
  const choices = choicesOf(recipe).filter((choice) => choice !== NO_REPAIR);
  const wanted = choices.length > 0;
  // Whatever helps is what can be done; who names passes is told that they are not.
  const noData = choices.some((choice) => choice !== EVERY_REPAIR) ? [NO_DATA] : [];
  if (!runsModel(request) || calibration === null || calibration === 'synthetic')
    return { ...none, notes: noData };
  try {
    const { all, observed, heldOut, batch, notes } = calibrationSamples(calibration, path, inputs, {});
    const few = evenSubset(all, FEW);
    // A file that does not fit is told of here, and not as a step of preparation that fails.
    for (const sample of few.read()) void sample;
    const alone =
      activations !== null && request.verify && heldOut === null
        ? ['The only sample is calibrated on, so that the export is compared on random numbers.']
        : [];
    const repair = wanted ? repairSamples(observed) : null;
    return {
      few,
      // Without repairs, weights take nothing from any sample.
      compared: repair ? heldOut : evenSubset(all, MAX_COMPARED),
      repair,
      notes: [
        ...notes,
        ...(batch === null ? [] : [batch]),
        ...alone,
        ...(wanted && repair === null ? [TOO_FEW] : []),
      ],
    };
  } catch (error) {
    if (activations !== null || !(error instanceof UserError)) throw error;
    // Weights alone can be quantized without.
    return {
      ...none,
      notes: [`The export is compared on random numbers. ${error.message}`, ...noData],
    };
  }
}

const NO_DATA =
  'Nothing is repaired, as that follows from data: choose a folder of samples as "calibration" in the recipe.';
const TOO_FEW = 'Nothing is repaired, as there are too few samples to judge repairs by: give three or more.';

/** What the recipe says of repairs. */
function choicesOf({ repair, layerRepair }: QuantizeRequest['recipe']): readonly RepairChoice[] {
  return [repair, ...Object.values(layerRepair)];
}

/** So many of a list's samples, evenly over all of them. */
function evenSubset(list: SampleList, most: number): SampleList {
  return sampleSubset(list, evenlySpaced(Math.min(most, list.count), list.count));
}
