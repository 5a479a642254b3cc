import { compareDb, toNumber, type Decibels } from '../../../core/measure/Decibels';
import { UserError } from '../../../base/UserError';
import { rewriteModel } from '../../../onnx/write/rewriteModel';
import type { OpenModel } from '../../formats/OpenModel';
import type { WeightKernel } from '../../weights/WeightKernel';
import { adoptByGroups } from '../adoptByGroups';
import { OutputJudge } from '../OutputJudge';
import type { RepairSamples } from '../repairSamples';
import type { QuantizedWeights, RoundedLayer, RoundedLayers } from './RoundedLayers';
import { roundInTurns } from './roundInTurns';
import { roundLayers, type LayerMemory, type Step } from './roundLayers';

/** Outputs this good are hardly better where layers are rounded in turns, which takes several times as long. */
const ENOUGH_DB = 30;
/** Parts of the time that rounding by either moments takes. */
const ALONE = 0.35;
const IN_TURNS = 0.9;

export interface ChosenCodes extends RoundedLayers {
  /** Model output error on the samples that judge, with the nearest codes and with those chosen. */
  readonly before: Decibels;
  readonly after: Decibels;
}

/**
 * Chooses codes by second moments, those of the float model or those of the model with the layers before quantized, whichever the outputs are
 * better for; and of these all that help together.
 * @param memory of layers that are rounded by moments of the float model
 * @throws UserError if the model does not run on a sample
 * @throws CancelledError
 */
export async function chooseCodes(
  weightKernel: WeightKernel,
  model: OpenModel,
  weights: QuantizedWeights,
  samples: RepairSamples,
  memory: LayerMemory,
  step: Step,
): Promise<ChosenCodes> {
  const { nearest, schemes, repaired } = weights;
  const judge = await OutputJudge.open(model, samples.judged, () => step(0));
  const within = (from: number, to: number) => (fraction: number) => step(from + (to - from) * fraction);
  const wanted = new Map([...schemes].filter(([name]) => repaired.has(name)));
  const alone = await roundLayers(weightKernel, model, wanted, samples, memory, within(0, ALONE));
  const measure = async ({ rounded }: RoundedLayers, taken: ReadonlySet<string>) => {
    await step(IN_TURNS);
    const chosen = [...rounded].filter(([name]) => taken.has(name));
    const tensors = new Map(chosen.map(([name, { tensor }]) => [name, tensor]));
    const graph = rewriteModel(model, new Map([...nearest, ...tensors]));
    return (await judge.measure(graph, model.files, false)) ?? 'broken';
  };
  const all = (layers: RoundedLayers) => measure(layers, new Set(layers.rounded.keys()));
  const before = await measure(alone, new Set());
  const found = await all(alone);
  let best = alone;
  if (toNumber(found) < ENOUGH_DB) {
    const progress = within(ALONE, IN_TURNS);
    const inTurns = await roundInTurns(weightKernel, model, weights, samples, progress).catch(
      (error: unknown) => {
        // A model that cannot be cut into its layers.
        if (error instanceof UserError) return null;
        throw error;
      },
    );
    const turns = inTurns && withOthers(inTurns, alone);
    if (turns && compareDb(await all(turns), found) > 0) best = turns;
  }
  const { taken, db } = await adoptByGroups(
    [...best.rounded.keys()],
    { taken: new Set(), db: before },
    (names) => measure(best, names),
  );
  const rounded = new Map([...best.rounded].filter(([name]) => taken.has(name)));
  return { rounded, left: best.left, before, after: db };
}

/** Layers that were met in turns, and others as they were rounded alone. */
function withOthers(
  { rounded, left, unmet }: RoundedLayers & { readonly unmet: ReadonlySet<string> },
  alone: RoundedLayers,
): RoundedLayers {
  const others = <T>(found: ReadonlyMap<string, T>) => [...found].filter(([name]) => unmet.has(name));
  return {
    rounded: new Map<string, RoundedLayer>([...rounded, ...others(alone.rounded)]),
    left: new Map([...left, ...others(alone.left)]),
  };
}
