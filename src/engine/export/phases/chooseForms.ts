import { UserError } from '../../../base/UserError';
import { compareDb, gainDb, type Decibels } from '../../../core/measure/Decibels';
import { CPU_FACTS } from '../../../core/recipe/cpu';
import { isRepaired } from '../../../core/recipe/recipe';
import { formatDb } from '../../../core/report/format';
import { LOSSY_KERNELS_DB, type RepairReport } from '../../../core/report/report';
import type { Graph } from '../../../onnx/graph/Graph';
import type { EncodedTensor } from '../../../quant/EncodedTensor';
import { withSign } from '../../../quant/integer/withSign';
import { addsPairsIn16Bits } from '../../compare/addsPairsIn16Bits';
import { dangerText, exactText, formsText } from '../../recovery/kernels/formsText';
import { greatestCodes } from '../../recovery/kernels/greatestCodes';
import {
  formChoices,
  overflowingLayer,
  weightForms,
  type OverflowingLayer,
  type WeightForms,
} from '../../recovery/kernels/weightForms';
import { largestSet } from '../../recovery/kernels/largestSet';
import { OutputJudge } from '../../recovery/OutputJudge';
import type { Integers } from '../integers';
import { measuredAnew } from '../measuredAnew';
import type { Phase, PhaseContext, Snapshot } from '../Phase';
import { quantizedGraph } from '../quantizedGraph';
import { step } from '../step';

/**
 * Writes 8-bit weights in the fastest form that integer kernels compute exactly. Signed codes are the fastest on every CPU; where products of
 * them overflow, other signed codes at the same speed if their error is small (`withoutOverflow`), else unsigned codes.
 */
export const chooseForms: Phase = async (snapshot, context) => {
  const { integers, recipe, model, replacements } = snapshot;
  if (!integers || context.repair === null) return snapshot;
  const choices = [...formChoices(model, integers.plan, integers.scales, replacements)].filter(([layer]) =>
    isRepaired(recipe, 'kernels', layer),
  );
  if (choices.length === 0) return snapshot;
  const around = new Map(choices.map(([layer, { signed }]) => [layer, signed]));
  const signed = withWeights(snapshot, context, around);
  try {
    const here = await addsPairsIn16Bits();
    const there = recipe.cpu === 'here' ? here : CPU_FACTS[recipe.cpu].addsPairsIn16Bits;
    if (!there) return explained(signed, exactText(recipe.cpu));
    const overflowing = choices.flatMap(([layer, choice]) => overflowingLayer(layer, choice) ?? []);
    const danger = dangerText(overflowing, recipe.cpu);
    if (overflowing.length === 0) return explained(signed, `${danger}.`);
    return await withoutLoss({ signed, context, integers, overflowing, tried: choices.length, danger }, here);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const note = `The form of weights was not chosen by what kernels make of them: ${error.message}`;
    return { ...snapshot, notes: [...snapshot.notes, note] };
  }
};

interface Danger {
  /** With all weights in signed codes. */
  readonly signed: Snapshot;
  readonly integers: Integers;
  readonly context: PhaseContext;
  readonly overflowing: readonly OverflowingLayer[];
  readonly tried: number;
  readonly danger: string;
}

/**
 * Gives as many as can be of the layers whose products overflow other signed codes, and unsigned ones those that lose too much by it.
 * @param measurable whether this machine's kernels are those that it is about
 */
async function withoutLoss(
  { signed, integers, context, overflowing, tried, danger }: Danger,
  measurable: boolean,
): Promise<Snapshot> {
  const { model } = signed;
  const { fitted, judged } = context.repair!;
  const pause = () => step(context.job, 'repairing', 0.5);
  const judge = await OutputJudge.open(model, judged, pause);
  const figure = async (snapshot: Snapshot, integerKernels: boolean) =>
    (await judge.measure(inQuantizers(snapshot), model.files, integerKernels)) ?? 'broken';
  const exact = await figure(signed, false);
  const before = measurable ? await figure(signed, true) : null;
  if (before !== null && !isLossy(before, exact))
    return explained(
      signed,
      `${danger}, but hardly do: ${formatDb(before)}, computed exactly ${formatDb(exact)}.`,
    );
  const names = new Set(overflowing.map(({ layer }) => layer));
  const greatest = await greatestCodes(model, integers.plan, names, integers.scales, fitted, pause);
  const forms: WeightForms[] = [];
  for (const layer of overflowing) {
    forms.push(weightForms(context.weightKernel, model, layer, greatest.get(layer.layer)!));
    await step(context.job, 'repairing', forms.length / overflowing.length);
  }
  const leastFirst = forms.filter(({ observed }) => observed > 0).toSorted((a, b) => a.lostDb - b.lostDb);
  const withSafe = (safe: ReadonlySet<WeightForms>) =>
    withWeights(
      signed,
      context,
      new Map(leastFirst.map((form) => [form.layer, formOf(form, safe.has(form))])),
    );
  const safe = await largestSet(
    leastFirst,
    async (some) => !isLossy(await figure(withSafe(some), false), exact),
  );
  const chosen = withSafe(safe);
  const note = `${danger}. ${formsText(leastFirst, leastFirst.length - safe.size)}`;
  const after = await figure(chosen, measurable);
  // What other CPUs make of signed codes is not known, only that it is less than this.
  if (before === null)
    return explained(chosen, `${note} Computed exactly: ${formatDb(exact)} → ${formatDb(after)}.`);
  const kept = compareDb(after, before) > 0;
  const report: RepairReport = {
    pass: 'kernels',
    changed: leastFirst.length,
    tried,
    before,
    after,
    kept,
    note,
  };
  const repaired = kept ? chosen : signed;
  return { ...repaired, repairs: [...repaired.repairs, report] };
}

function formOf({ signed, safe }: WeightForms, isSafe: boolean): EncodedTensor {
  return isSafe ? safe : withSign(signed, false);
}

/** The graph of an export in the form that can be computed exactly as well. */
function inQuantizers(snapshot: Snapshot): Graph {
  return quantizedGraph({ ...snapshot, recipe: { ...snapshot.recipe, format: 'QDQ' } });
}

function isLossy(db: Decibels, exact: Decibels): boolean {
  return gainDb(db, exact) <= -LOSSY_KERNELS_DB;
}

function withWeights(
  snapshot: Snapshot,
  { weightKernel }: PhaseContext,
  weights: ReadonlyMap<string, EncodedTensor>,
): Snapshot {
  const replacements = new Map([...snapshot.replacements, ...weights]);
  return {
    ...snapshot,
    replacements,
    integers: { ...snapshot.integers!, weights: replacements },
    layers: measuredAnew(weightKernel, snapshot.model, snapshot.replacements, replacements, snapshot.layers),
  };
}

/** The snapshot whose report says why its weights have the form that they have. */
function explained(snapshot: Snapshot, forms: string): Snapshot {
  const integers = snapshot.integers!;
  return { ...snapshot, integers: { ...integers, report: { ...integers.report, forms } } };
}
