/** Gives activations the ranges that change the model's outputs least. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { pauses } from '../../base/pauses';
import { compareDb, gainDb, toNumber } from '../../core/measure/Decibels';
import { ONNX } from '../../core/model/modelFormats';
import { isRepaired, type Recipe } from '../../core/recipe/recipe';
import { parseRepair } from '../../core/recipe/repair';
import type { ChosenActivationRange, RepairReport } from '../../core/report/report';
import { parseActivations } from '../../core/scheme/activations';
import type { ActivationPlan } from '../../onnx/qdq/planActivations';
import { serializeModel } from '../../onnx/write/serializeModel';
import type { AffineQuantizer } from '../../quant/Quantizer';
import { countIntegerKernels } from '../compare/integerKernels';
import { adoptByGroups } from '../recovery/adoptByGroups';
import { OutputJudge } from '../recovery/OutputJudge';
import { chooseRanges, type ChosenRanges } from '../recovery/ranges/chooseRanges';
import { chosenRanges, integerWeights, planIntegers, type Integers } from './integers';
import type { PhaseContext, Snapshot } from './Phase';
import { quantizedGraph } from './quantizedGraph';
import { step } from './step';

/** Of the pass's time, the search takes so much; then whole models are judged. */
const SEARCH = 0.8;
/** Gains below this, dB, are within what chance gives. */
const MIN_GAIN_DB = 0.05;

type Scales = ReadonlyMap<string, AffineQuantizer>;

/**
 * Leaves results of matrix products in float where that helps, looks for better ranges of the activations that the recipe says nothing of in particular,
 * and keeps those with which the model's outputs are better on samples that no range follows from.
 * @returns the integers as they were, and no report, where that is not wanted
 * @throws UserError if a model does not run; CancelledError
 */
export async function repairRanges(
  snapshot: Snapshot,
  { repair, request, job }: PhaseContext,
  observed: Integers,
): Promise<{ readonly integers: Integers; readonly report: RepairReport | null }> {
  const { model, recipe, replacements } = snapshot;
  const wanted = observed.fitted && repairedTensors(observed.plan, recipe);
  if (!repair || !wanted || wanted.length === 0) return { integers: observed, report: null };
  const pause = pauses(job.signal, () => job.progress({ stage: 'repairing', fraction: 0 }));
  const judge = await OutputJudge.open(model, repair.judged, pause);
  const graphOf = (integers: Integers) =>
    quantizedGraph({ ...snapshot, integers, replacements: integers.weights });
  // The codes' own numbers, which are the same on all machines.
  const measure = async (integers: Integers) =>
    (await judge.measure(graphOf(integers), model.files, false)) ?? 'broken';
  const withScales = (integers: Integers, scales: Scales): Integers => ({
    ...integers,
    scales,
    weights: integerWeights(model, integers.plan, scales, replacements),
  });
  const kernels = (integers: Integers) => {
    const path = join(request.temporary, `ranges${ONNX.extensions[0]}`);
    writeFileSync(path, serializeModel(graphOf(integers), model.files, '').model);
    return countIntegerKernels(path, request.temporary);
  };

  const before = await measure(observed);
  let integers = observed;
  let start = before;
  const inFloat = withFloatResults(snapshot, observed);
  if (inFloat) {
    const db = await measure(inFloat);
    const helps = compareDb(db, before) > 0 && gainDb(db, before) >= MIN_GAIN_DB;
    if (helps && (await kernels(inFloat)) >= (await kernels(observed))) [integers, start] = [inFloat, db];
  }

  const { plan, scales, fitted } = integers;
  const tensors = repairedTensors(plan, recipe).filter((name) => fitted!.get(name)!.count > 0);
  const search = {
    ...{ model, plan, scales, observers: fitted!, samples: repair.fitted, ends: judge.compared },
    spec: parseActivations(recipe.activations)!,
    whole: 10 ** (-toNumber(start) / 10),
  };
  const chosen = await chooseRanges(search, tensors, (done) =>
    step(job, 'repairing', (SEARCH * done) / tensors.length),
  );
  const wholes = [];
  for (const which of ['outputs', 'readers'] as const) {
    const variant = variantOf(scales, chosen, which);
    const all = withScales(integers, variant.with(variant.names));
    wholes.push({ ...variant, which, db: await measure(all) });
  }
  const better = wholes.reduce((a, b) => (compareDb(b.db, a.db) > 0 ? b : a));
  const adopted = await adoptByGroups(better.names, { taken: new Set(), db: start }, async (taken) =>
    taken.size === better.names.length ? better.db : measure(withScales(integers, better.with([...taken]))),
  );
  const repaired = withScales(integers, better.with([...adopted.taken]));
  const floatResults = integers === observed ? 0 : plan.nodes.filter((node) => node.floatResult).length;
  const changed = adopted.taken.size + floatResults;
  return {
    integers: {
      ...repaired,
      report: { ...integers.report, ranges: explained(chosen, better.which, adopted.taken) },
    },
    report: {
      ...{ pass: 'ranges', changed, tried: wanted.length, before, after: adopted.db, kept: changed > 0 },
      note: noteOf(floatResults, judge.scores.length > 0),
    },
  };
}

/** The same integers with results of matrix products in float; null if no product's result may be. */
export function withFloatResults(
  { model, recipe, replacements }: Snapshot,
  before: Integers,
): Integers | null {
  // Operators on integers alone have integer results.
  if (recipe.format !== 'QDQ' || !repairsAll(recipe)) return null;
  const plan = planIntegers(model, replacements, recipe, true);
  if (!plan.nodes.some(({ floatResult }) => floatResult)) return null;
  const { scaledAs } = before.plan;
  const of = <T>(map: ReadonlyMap<string, T>) =>
    new Map(plan.tensors.map((name) => [name, map.get(name) ?? map.get(scaledAs.get(name)!)!]));
  const scales = of(before.scales);
  const weights = integerWeights(model, plan, scales, replacements);
  return { ...before, plan, scales, weights, fitted: before.fitted && of(before.fitted) };
}

function noteOf(floatResults: number, byScores: boolean): string | null {
  const notes = [
    ...(floatResults > 0
      ? [
          `Results of ${floatResults} matrix products stay float, as onnxruntime has kernels that make no codes of them.`,
        ]
      : []),
    ...(byScores
      ? ['Judged by the scores before Softmax, as the samples have too few rows of probabilities to tell by.']
      : []),
  ];
  return notes.length > 0 ? notes.join(' ') : null;
}

/** The activations with other ranges than given, and the scales with some of them. */
function variantOf(scales: Scales, chosen: ReadonlyMap<string, ChosenRanges>, which: 'readers' | 'outputs') {
  return {
    names: [...chosen].flatMap(([name, each]) => (each[which] === each.given ? [] : [name])),
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
  return tensors.filter((name) => {
    const of = layers.get(name);
    return (
      !own.has(name) && (of ? of.every((layer) => isRepaired(recipe, 'ranges', layer)) : repairsAll(recipe))
    );
  });
}

/** Whether layers are to be repaired that the recipe does not name. */
function repairsAll({ repair }: Recipe): boolean {
  return parseRepair(repair)?.has('ranges') ?? false;
}

function explained(
  chosen: ReadonlyMap<string, ChosenRanges>,
  which: 'readers' | 'outputs',
  taken: ReadonlySet<string>,
): ChosenActivationRange[] {
  return [...taken].map((activation) => {
    const { given, [which]: found } = chosen.get(activation)!;
    const { range, refined } = found;
    // Without any error there is no ratio.
    const readersGainDb = given.cost > 0 && found.cost > 0 ? 10 * Math.log10(given.cost / found.cost) : 0;
    return { activation, range, refined, readersGainDb };
  });
}
