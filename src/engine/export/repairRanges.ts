/** Gives activations the ranges that change the model's outputs least. */
import { pauses } from '../../base/pauses';
import { compareDb } from '../../core/measure/Decibels';
import { parseRepair } from '../../core/recipe/repair';
import { isRepaired, type Recipe } from '../../core/recipe/recipe';
import type { ChosenActivationRange, RepairReport } from '../../core/report/report';
import { parseActivations } from '../../core/scheme/activations';
import type { AffineQuantizer } from '../../quant/Quantizer';
import type { ActivationPlan } from '../../onnx/qdq/planActivations';
import { adoptByGroups } from '../recovery/adoptByGroups';
import { OutputJudge } from '../recovery/OutputJudge';
import { chooseRanges, type ChosenRange } from '../recovery/ranges/chooseRanges';
import { chosenRanges, integerWeights, type Integers } from './integers';
import type { PhaseContext, Snapshot } from './Phase';
import { quantizedGraph } from './quantizedGraph';
import { step } from './step';

/** Of the pass's time, the search takes so much; then whole models are judged. */
const SEARCH = 0.8;

type Scales = ReadonlyMap<string, AffineQuantizer>;

/**
 * Looks for better ranges of the activations that the recipe says nothing of in particular, and keeps those with which the model's outputs are better on
 * samples that no range follows from.
 * @returns the integers as they were, and no report, where that is not wanted
 * @throws UserError if a model does not run; CancelledError
 */
export async function repairRanges(
  snapshot: Snapshot,
  { repair, job }: PhaseContext,
  integers: Integers,
): Promise<{ readonly integers: Integers; readonly report: RepairReport | null }> {
  const { model, recipe, replacements } = snapshot;
  const { plan, scales, fitted } = integers;
  const tensors = fitted ? repairedTensors(plan, recipe).filter((name) => fitted.get(name)!.count > 0) : [];
  if (!repair || !fitted || tensors.length === 0) return { integers, report: null };
  const spec = parseActivations(recipe.activations)!;
  const search = { model, plan, spec, scales, observers: fitted, samples: repair.fitted };
  const chosen = await chooseRanges(search, tensors, (done) =>
    step(job, 'repairing', (SEARCH * done) / tensors.length),
  );
  const pause = pauses(job.signal, () => job.progress({ stage: 'repairing', fraction: SEARCH }));
  const judge = await OutputJudge.open(model, repair.judged, pause);
  // Kernels that saturate are another pass's to repair.
  const integerKernels = !(parseRepair(recipe.repair)?.has('kernels') ?? false);
  const measure = async (tried: Scales) => {
    const weights = integerWeights(model, plan, tried, replacements);
    const graph = quantizedGraph({
      ...{ ...snapshot, replacements: weights },
      integers: { ...integers, scales: tried },
    });
    return (await judge.measure(graph, model.files, integerKernels)) ?? 'broken';
  };
  const before = await measure(scales);
  const [best, refined] = (['best', 'refined'] as const).map((which) => ({
    which,
    ...variant(scales, chosen, which),
  }));
  const wholes = [];
  for (const each of [refined!, best!]) wholes.push({ ...each, db: await measure(each.with(each.names)) });
  const better = wholes.reduce((a, b) => (compareDb(b.db, a.db) > 0 ? b : a));
  const adopted = await adoptByGroups(better.names, { taken: new Set(), db: before }, async (taken) =>
    taken.size === better.names.length ? better.db : measure(better.with([...taken])),
  );
  const taken = better.with([...adopted.taken]);
  return {
    integers: {
      ...integers,
      scales: taken,
      weights: integerWeights(model, plan, taken, replacements),
      report: { ...integers.report, ranges: explained(chosen, better.which, adopted.taken) },
    },
    report: {
      pass: 'ranges',
      changed: adopted.taken.size,
      tried: tensors.length,
      before,
      after: adopted.db,
      kept: adopted.taken.size > 0,
      note:
        judge.scores.length > 0
          ? 'Judged by the scores before Softmax, as the samples have too few rows of probabilities to tell by.'
          : null,
    },
  };
}

/** The activations with other ranges than given, and the scales with some of them. */
function variant(scales: Scales, chosen: ReadonlyMap<string, ChosenRange>, which: 'best' | 'refined') {
  return {
    names: [...chosen].flatMap(([name, each]) => (each[which].cost < each.given.cost ? [name] : [])),
    with: (taken: readonly string[]): Scales =>
      new Map([...scales, ...taken.map((name) => [name, chosen.get(name)![which].quantizer] as const)]),
  };
}

/** Activations whose layers are all to be repaired, and that have no range of the user's own. */
function repairedTensors(plan: ActivationPlan, recipe: Recipe): string[] {
  const { nodes, scaledAs, tensors } = plan;
  const own = chosenRanges(plan, recipe);
  const layers = new Map<string, string[]>();
  for (const { layer, input, output } of nodes)
    for (const name of [input, output]) {
      const tensor = scaledAs.get(name) ?? name;
      layers.set(tensor, [...(layers.get(tensor) ?? []), layer]);
    }
  const always = parseRepair(recipe.repair)?.has('ranges') ?? false;
  return tensors.filter((name) => {
    const of = layers.get(name);
    return !own.has(name) && (of ? of.every((layer) => isRepaired(recipe, 'ranges', layer)) : always);
  });
}

function explained(
  chosen: ReadonlyMap<string, ChosenRange>,
  which: 'best' | 'refined',
  taken: ReadonlySet<string>,
): ChosenActivationRange[] {
  return [...taken].map((activation) => {
    const { given, best, [which]: found } = chosen.get(activation)!;
    return {
      activation,
      range: best.range,
      refined: found.cost < best.cost,
      readersGainDb: 10 * Math.log10(given.cost / found.cost),
    };
  });
}
