import type { EncodedTensor } from '../../../quant/EncodedTensor';
import { codesSqnrDb } from '../../../quant/integer/codesSqnrDb';
import type { LayerReport } from '../../../core/report/report';
import { weightOf, type OpenModel } from '../../formats/OpenModel';
import { openWeight } from '../../weights/openWeight';
import { floatValues } from '../../weights/quantizedValues';
import type { WeightKernel } from '../../weights/WeightKernel';
import { observeIntegers } from '../integers';
import { repairRanges } from '../repairRanges';
import type { Phase } from '../Phase';
import { step } from '../step';

/** Fits scales to the activations of all layers that can compute in integers. */
export const calibrateActivations: Phase = async (snapshot, context) => {
  const { weightKernel, request, comparison, repair, job } = context;
  const { model, recipe, replacements, layers, repairs } = snapshot;
  const progress = (fraction: number) => job.progress({ stage: 'calibrating', fraction });
  const observed = await observeIntegers(
    model,
    replacements,
    { ...request, recipe },
    { ...comparison, progress },
    repair,
    (fraction) => step(job, 'calibrating', fraction),
  );
  const { integers, report } = await repairRanges(snapshot, context, observed);
  return {
    ...snapshot,
    integers,
    repairs: report ? [...repairs, report] : repairs,
    replacements: integers.weights,
    layers: measuredAnew(weightKernel, model, replacements, integers.weights, layers),
  };
};

/** The weight error of layers whose scales were raised for their biases (`scalesForBias`) is that of the codes they have now. */
function measuredAnew(
  weightKernel: WeightKernel,
  model: OpenModel,
  before: ReadonlyMap<string, EncodedTensor>,
  after: ReadonlyMap<string, EncodedTensor>,
  layers: readonly LayerReport[],
): LayerReport[] {
  return layers.map((report) => {
    const tensor = after.get(report.name);
    if (tensor?.kind !== 'scalars' || tensor === before.get(report.name)) return report;
    const passes = openWeight(weightKernel, weightOf(model, report.name));
    if ('problem' in passes) return report;
    return {
      ...report,
      sqnrDb: codesSqnrDb(floatValues(weightKernel, passes), tensor, passes.weight.layout),
    };
  });
}
