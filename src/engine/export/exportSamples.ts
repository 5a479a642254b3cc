/** The user's samples that an export is compared with its source on. */
import { UserError } from '../../base/UserError';
import { calibrationSamples, MAX_COMPARED, type SampleList } from '../data/calibrationSamples';
import { evenlySpaced } from '../data/evenlySpaced';
import type { VerifyOptions } from '../compare/verify';
import { runsModel, type QuantizeRequest } from './QuantizeRequest';

/** Samples that each step of preparation is compared on. */
const FEW = 4;

export interface ExportSamples {
  /** A few, for steps on the way; null for random numbers. */
  readonly few: SampleList | null;
  /** For an export of weights alone, which takes no ranges from them; null for random numbers. */
  readonly many: SampleList | null;
  /** Remarks on the data, or why it is not used, in sentences for the user. */
  readonly notes: readonly string[];
}

/** @throws UserError if activations are to be quantized, and the data is not there */
export function exportSamples(request: QuantizeRequest, inputs: VerifyOptions['inputs']): ExportSamples {
  const { path, recipe } = request;
  const { calibration, activations } = recipe;
  const none = { few: null, many: null, notes: [] };
  if (!runsModel(request) || calibration === null || calibration === 'synthetic') return none;
  try {
    const { all, heldOut, batch, notes } = calibrationSamples(calibration, path, inputs, {});
    const few = subset(all, FEW);
    // A file that does not fit is told of here, and not as a step of preparation that fails.
    for (const sample of few.read()) void sample;
    const alone =
      activations !== null && request.verify && heldOut === null
        ? ['The only sample is calibrated on, so that the export is compared on random numbers.']
        : [];
    return {
      few,
      many: subset(all, MAX_COMPARED),
      notes: [...notes, ...(batch === null ? [] : [batch]), ...alone],
    };
  } catch (error) {
    if (activations !== null || !(error instanceof UserError)) throw error;
    // Weights alone can be quantized without.
    return { ...none, notes: [`The export is compared on random numbers. ${error.message}`] };
  }
}

/** So many of a list's samples, evenly over all of them. */
function subset(list: SampleList, most: number): SampleList {
  const sampleIndices = evenlySpaced(Math.min(most, list.count), list.count);
  const original = (wanted: readonly number[]) => wanted.map((i) => sampleIndices[i]!);
  return {
    count: sampleIndices.length,
    labels: list.labels && sampleIndices.map((i) => list.labels![i]!),
    read: (wanted) => list.read(wanted ? original(wanted) : sampleIndices),
    readInput: (i, input) => list.readInput(sampleIndices[i]!, input),
    files: (wanted) => list.files(original(wanted)),
    options: (wanted) => list.options(original(wanted)),
  };
}
