/** A model and what its weights and activations are quantized to under a recipe: all of an export but writing it. */
import type { QuantizeRequest } from './QuantizeRequest';
import { unknownLayers } from '../../core/recipe/recipe';
import type { ExportProgress } from '../../core/report/report';
import type { JobContext } from '../../base/rpc';
import { UserError } from '../../base/UserError';
import type { SampleList } from '../data/calibrationSamples';
import { exportSamples } from './exportSamples';
import { tooLargeTogether } from '../compare/ModelPair';
import type { OpenModel } from '../formats/OpenModel';
import type { Phase, PhaseContext, Snapshot } from './Phase';
import { CHOSEN_RANGES } from './memory/chosenRanges';
import { CORRECTED_BIASES } from './memory/correctedBiases';
import { openMemory } from './memory/openMemory';
import { remembered } from './memory/remembered';
import { ROUNDED_WEIGHTS } from './memory/roundedWeights';
import { calibrateActivations } from './phases/calibrateActivations';
import { chooseForms } from './phases/chooseForms';
import { chooseProducts } from './phases/chooseProducts';
import { chooseRanges } from './phases/chooseRanges';
import { correctBiases } from './phases/correctBiases';
import { equalize } from './phases/equalize';
import { foldConstants } from './phases/foldConstants';
import { quantizeWeights } from './phases/quantizeWeights';
import { roundWeights } from './phases/roundWeights';
import { takeIntegerWeights } from './phases/takeIntegerWeights';
import { upgradeForIntegers, upgradeForWeights } from './phases/upgradeOpset';
import type { WeightKernel } from '../weights/WeightKernel';

export interface QuantizedModel extends Snapshot {
  /** The user's samples that the result may be compared with the source on; null for random numbers. */
  readonly samples: SampleList | null;
  /** The repairs as a file keeps them; null if nothing was repaired, or it is not to be saved. */
  readonly overlay: Uint8Array | null;
}

const NOTHING_IN_INTEGERS = 'No layer computes in integers, so that weights alone are quantized.';

const QUANTIZING: readonly Phase[] = [
  ...[equalize, quantizeWeights, remembered(roundWeights, ROUNDED_WEIGHTS), upgradeForWeights],
];
const CORRECTING: readonly Phase[] = [remembered(correctBiases, CORRECTED_BIASES)];
const WEIGHTS: readonly Phase[] = [...QUANTIZING, ...CORRECTING, chooseProducts];
/** Phases that change the float model come before its weights are quantized, phases that correct their errors after calibration. */
const INTEGERS: readonly Phase[] = [
  ...[foldConstants, upgradeForIntegers],
  ...[...QUANTIZING, calibrateActivations, remembered(chooseRanges, CHOSEN_RANGES), takeIntegerWeights],
  ...[chooseForms, ...CORRECTING, chooseProducts],
];

/**
 * Prepares a model for a recipe, quantizes its weights and observes its activations.
 * @param request its folder is there, and may be written to
 * @throws UserError, CancelledError
 */
export async function quantizeModel(
  weightKernel: WeightKernel,
  model: OpenModel,
  request: QuantizeRequest,
  job: JobContext<ExportProgress>,
): Promise<QuantizedModel> {
  const { path, recipe } = request;
  const unknown = unknownLayers(recipe, model.inspection.layers)[0];
  if (unknown) throw new UserError(`The recipe is not for this model: ${unknown.message}`);
  const { inputs, opset } = model.inspection.model;
  const { few, compared, repair, notes } = exportSamples(request, inputs);
  const comparison = {
    ...{ source: path, inputs, shapes: recipe.shapes, samples: few, signal: job.signal },
    inTurns: tooLargeTogether(model.inspection.model),
  };
  const { memory, notes: ofMemory } = await openMemory(request, model, repair, job);
  const context: PhaseContext = { weightKernel, request, job, comparison, repair, memory };
  const start: Snapshot = {
    ...{ model, recipe, notes: [...notes, ...ofMemory] },
    ...{ replacements: new Map(), biases: new Map(), integers: null, equalization: new Map() },
    ...{ layers: [], repairs: [], products: 'codes' as const },
    opset: { source: opset, output: opset, note: null },
  };
  const finished = (snapshot: Snapshot, samples: SampleList | null): QuantizedModel => ({
    ...{ ...snapshot, samples },
    overlay: request.saveOverlay && memory ? memory.bytes : null,
  });
  if (recipe.activations === null) return finished(await run(WEIGHTS, start, context), compared);
  const quantized = await run(INTEGERS, start, context);
  const integers = quantized.integers!;
  if (integers.plan.nodes.length > 0) return finished(quantized, integers.heldOut);
  // Preparing for integers gains nothing then, and may cost: a larger file, another opset.
  const alone = await run(WEIGHTS, start, context);
  return finished(
    {
      ...alone,
      integers: { ...integers, weights: alone.replacements },
      notes: [...alone.notes, NOTHING_IN_INTEGERS],
    },
    integers.heldOut,
  );
}

async function run(phases: readonly Phase[], start: Snapshot, context: PhaseContext): Promise<Snapshot> {
  let snapshot = start;
  for (const phase of phases) snapshot = await phase(snapshot, context);
  return snapshot;
}
