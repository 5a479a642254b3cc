import type { EncodedTensor } from '../../../quant/EncodedTensor';
import type { LayerSummary } from '../../../core/model/model';
import { schemeOf } from '../../../core/recipe/recipe';
import type { LayerReport } from '../../../core/report/report';
import { pauses } from '../../../base/pauses';
import { weightOf } from '../../formats/OpenModel';
import { quantizeWeight } from '../../weights/quantizeWeight';
import type { Phase } from '../Phase';

/** Quantizes the weights of all layers as the recipe says. */
export const quantizeWeights: Phase = async (snapshot, { weightKernel, job: { signal, progress } }) => {
  const { model, recipe } = snapshot;
  const replacements = new Map<string, EncodedTensor>();
  const layers: LayerReport[] = [];
  const summaries = model.inspection.layers;
  const pause = pauses(signal, () =>
    progress({ stage: 'quantizing', fraction: layers.length / summaries.length }),
  );
  for (const summary of summaries) {
    layers.push(await quantizeLayer(summary));
    await pause();
  }
  return { ...snapshot, replacements, layers };

  async function quantizeLayer({ name, quantized, bytes }: LayerSummary): Promise<LayerReport> {
    const scheme = schemeOf(recipe, name);
    const left = { name, scheme: 'float', sqnrDb: 'exact', bytesBefore: bytes, bytesAfter: bytes } as const;
    if (quantized !== null) return { ...left, note: `quantized already: ${quantized}` };
    if (scheme === 'float') return left;
    const result = await quantizeWeight(weightKernel, weightOf(model, name), scheme, pause);
    if ('problem' in result) return { ...left, note: result.problem };
    replacements.set(name, result.tensor);
    const { sqnrDb, bytes: bytesAfter } = result.error;
    return { name, scheme, sqnrDb, bytesBefore: bytes, bytesAfter };
  }
};
