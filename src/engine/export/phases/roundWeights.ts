import { UserError } from '../../../base/UserError';
import { quoted } from '../../../base/quoted';
import { compareDb } from '../../../core/measure/Decibels';
import { isRepaired, schemeOf } from '../../../core/recipe/recipe';
import type { RepairReport } from '../../../core/report/report';
import { rewriteModel } from '../../../onnx/write/rewriteModel';
import type { EncodedTensor } from '../../../quant/EncodedTensor';
import { judgedError } from '../../recovery/judgedError';
import { roundLayers, type RoundedLayers } from '../../recovery/rounding/roundLayers';
import { roundedLayers } from '../memory/roundedLayers';
import type { Phase } from '../Phase';
import { step } from '../step';

/** Of the phase's time, the layers take so much; then whole models are compared. */
const LAYERS = 0.9;
/** Layers that are named in a remark. */
const NAMED = 3;

/** Chooses the codes of quantized weights anew, by what their layers read, and keeps them if the model's outputs are better for it. */
export const roundWeights: Phase = async (snapshot, context) => {
  const { weightKernel, repair, request, comparison, job } = context;
  const { model, recipe, replacements } = snapshot;
  const names = [...replacements.keys()].filter((name) => isRepaired(recipe, 'gptq', name));
  if (repair === null || names.length === 0) return snapshot;
  const schemes = new Map(names.map((name) => [name, schemeOf(recipe, name)]));
  const judge = (weights: ReadonlyMap<string, EncodedTensor>) =>
    judgedError(rewriteModel(model, weights), model.files, {
      ...{ comparison, samples: repair.judged, temporary: request.temporary, name: 'rounded' },
      progress: () => job.progress({ stage: 'repairing', fraction: LAYERS }),
    });
  const memory = roundedLayers(context.memory, snapshot);
  try {
    const { rounded, left } = await roundLayers(weightKernel, model, schemes, repair, memory, (fraction) =>
      step(job, 'repairing', LAYERS * fraction),
    );
    const chosen = new Map([...rounded].map(([name, { tensor }]) => [name, tensor]));
    const replaced = new Map([...replacements, ...chosen]);
    const before = await judge(replacements);
    const after = rounded.size === 0 ? before : await judge(replaced);
    const kept = compareDb(after, before) > 0;
    const report: RepairReport = {
      ...{ pass: 'gptq', changed: rounded.size, tried: names.length, before, after, kept },
      note: leftText(left),
    };
    const repaired = { ...snapshot, repairs: [...snapshot.repairs, report] };
    if (!kept) return repaired;
    const layers = snapshot.layers.map((layer) => {
      const sqnrDb = rounded.get(layer.name)?.sqnrDb;
      return sqnrDb === undefined ? layer : { ...layer, sqnrDb };
    });
    return { ...repaired, replacements: replaced, layers };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const note = `Weights were rounded to nearest, as their moments cannot be gathered: ${error.message}`;
    return { ...snapshot, notes: [...snapshot.notes, note] };
  } finally {
    memory.save();
  }
};

/** Names layers that were not rounded by moments, reason by reason. */
function leftText(left: RoundedLayers['left']): string | null {
  if (left.size === 0) return null;
  const texts = [...new Set(left.values())].map((reason) => {
    const names = [...left.keys()].filter((name) => left.get(name) === reason);
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
    return `${names.slice(0, NAMED).map(quoted).join(', ')}${more} (${reason})`;
  });
  return `Rounded to nearest: ${texts.join('; ')}.`;
}
