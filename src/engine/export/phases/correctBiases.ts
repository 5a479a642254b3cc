import { isRepaired } from '../../../core/recipe/recipe';
import type { RepairReport } from '../../../core/report/report';
import type { Graph } from '../../../onnx/graph/Graph';
import { UserError } from '../../../base/UserError';
import { adoptByGroups } from '../../recovery/adoptByGroups';
import { fitBiases } from '../../recovery/bias/fitBiases';
import { OutputJudge } from '../../recovery/OutputJudge';
import type { Phase, PhaseContext, Snapshot } from '../Phase';
import { quantizedGraph } from '../quantizedGraph';
import { step } from '../step';
import { withCorrectedBiases } from '../withCorrectedBiases';

/** Of the phase's time, fitting takes so much; then whole models are compared. */
const FITTING = 0.8;

/** Corrects biases for what quantization takes from the mean of outputs, as far as the model's outputs are better for it. */
export const correctBiases: Phase = async (snapshot, context) => {
  const { recipe, replacements, integers } = snapshot;
  const layers = [...replacements.keys()].filter((name) => isRepaired(recipe, 'bias', name));
  const idle = integers !== null && integers.plan.nodes.length === 0;
  if (context.repair === null || layers.length === 0 || idle) return snapshot;
  try {
    return await correct(snapshot, layers, context, context.repair);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const note = `Biases were not corrected, as the means of outputs cannot be measured: ${error.message}`;
    return { ...snapshot, notes: [...snapshot.notes, note] };
  }
};

async function correct(
  snapshot: Snapshot,
  layers: readonly string[],
  { job }: PhaseContext,
  samples: NonNullable<PhaseContext['repair']>,
): Promise<Snapshot> {
  const { model, integers } = snapshot;
  const { places, biases } = await fitBiases(model, asNumbers(snapshot), {
    ...{ layers, samples },
    // In integers, an Add is a step back to float and another to codes.
    mayAdd: integers === null,
    pause: (fraction) => step(job, 'repairing', FITTING * fraction),
  });
  const pause = () => step(job, 'repairing', FITTING);
  const judge = await OutputJudge.open(model, samples.judged, pause);
  const measure = async (taken: ReadonlySet<string>) => {
    const chosen = new Map([...biases].filter(([layer]) => taken.has(layer)));
    const corrected = withCorrectedBiases(snapshot, places, chosen);
    // The codes' own numbers, which are the same on all machines.
    return (await judge.measure(asNumbers(corrected), model.files, false)) ?? 'broken';
  };
  const before = await measure(new Set());
  const { taken, db } = await adoptByGroups([...biases.keys()], { taken: new Set(), db: before }, measure);
  const report: RepairReport = {
    ...{ pass: 'bias', changed: taken.size, tried: places.size },
    ...{ before, after: db, kept: taken.size > 0, note: null },
  };
  const chosen = new Map([...biases].filter(([layer]) => taken.has(layer)));
  return { ...withCorrectedBiases(snapshot, places, chosen), repairs: [...snapshot.repairs, report] };
}

/** The graph of an export with quantizers around float operators, which say what codes stand for whatever form is written. */
function asNumbers(snapshot: Snapshot): Graph {
  return quantizedGraph({ ...snapshot, recipe: { ...snapshot.recipe, format: 'QDQ' } });
}
