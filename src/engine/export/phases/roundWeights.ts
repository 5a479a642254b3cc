import { UserError } from '../../../base/UserError';
import { quoted } from '../../../base/quoted';
import { isRepaired, schemeOf } from '../../../core/recipe/recipe';
import type { RepairReport } from '../../../core/report/report';
import { chooseCodes } from '../../recovery/rounding/chooseCodes';
import type { RoundedLayers } from '../../recovery/rounding/RoundedLayers';
import { roundedLayers } from '../memory/roundedLayers';
import type { Phase, PhaseContext, Snapshot } from '../Phase';
import { step } from '../step';

/** Layers that are named in a remark. */
const NAMED = 3;

/** Chooses the codes of quantized weights anew, by what their layers read, and keeps those that the model's outputs are better for. */
export const roundWeights: Phase = async (snapshot, context) => {
  const { recipe, replacements } = snapshot;
  const names = [...replacements.keys()].filter((name) => isRepaired(recipe, 'gptq', name));
  if (context.repair === null || names.length === 0) return snapshot;
  try {
    return await round(snapshot, names, context, context.repair);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const note = `Weights were rounded to nearest, as their moments cannot be gathered: ${error.message}`;
    return { ...snapshot, notes: [...snapshot.notes, note] };
  }
};

async function round(
  snapshot: Snapshot,
  names: readonly string[],
  context: PhaseContext,
  samples: NonNullable<PhaseContext['repair']>,
): Promise<Snapshot> {
  const { weightKernel, job } = context;
  const { model, recipe, replacements } = snapshot;
  const weights = {
    nearest: replacements,
    schemes: new Map([...replacements.keys()].map((name) => [name, schemeOf(recipe, name)])),
    repaired: new Set(names),
  };
  const memory = roundedLayers(context.memory, snapshot);
  const pause = (fraction: number) => step(job, 'repairing', fraction);
  const { rounded, left, before, after } = await chooseCodes(
    ...([weightKernel, model, weights, samples, memory, pause] as const),
  ).finally(() => memory.save());
  const report: RepairReport = {
    ...{ pass: 'gptq', changed: rounded.size, tried: names.length },
    ...{ before, after, kept: rounded.size > 0, note: leftText(left) },
  };
  const tensors = [...rounded].map(([name, { tensor }]) => [name, tensor] as const);
  const layers = snapshot.layers.map((layer) => {
    const found = rounded.get(layer.name);
    return found ? { ...layer, sqnrDb: found.sqnrDb } : layer;
  });
  const repairs = [...snapshot.repairs, report];
  return { ...snapshot, layers, repairs, replacements: new Map([...replacements, ...tensors]) };
}

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
