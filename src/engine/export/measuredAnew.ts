import type { EncodedTensor } from '../../quant/EncodedTensor';
import { codesSqnrDb } from '../../quant/integer/codesSqnrDb';
import type { LayerReport } from '../../core/report/report';
import { weightOf, type OpenModel } from '../formats/OpenModel';
import { openWeight } from '../weights/openWeight';
import { floatValues } from '../weights/quantizedValues';
import type { WeightKernel } from '../weights/WeightKernel';

/** Reports of layers whose integers have been chosen anew, as where scales are raised for biases: their weight error is that of the codes they have now. */
export function measuredAnew(
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
