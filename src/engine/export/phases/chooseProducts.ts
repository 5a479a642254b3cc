import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../base/UserError';
import { ONNX } from '../../../core/model/modelFormats';
import { isFused } from '../../../onnx/write/fusedWeights';
import type { Products } from '../../../onnx/write/rewriteModel';
import { serializeWhole } from '../../../onnx/write/serializeModel';
import { compareTimes } from '../../compare/compareTimes';
import type { Phase, Snapshot } from '../Phase';
import { quantizedGraph } from '../quantizedGraph';

/** Weights of fewer numbers in all take no time that could be told. */
const MIN_WEIGHTS = 2 ** 18;
/** Products on codes are given up only if those of float are so many times as fast: they take a quarter of the memory. */
const CLEARLY = 1.1;

/** Chooses how products by quantized weights are written: as the recipe says, or as takes less time here. */
export const chooseProducts: Phase = async (snapshot, { request, comparison, job }) => {
  const { products } = snapshot.recipe;
  if (products !== 'fastest') return { ...snapshot, products };
  if (!request.verify || comparison.inTurns || fusedWeights(snapshot) < MIN_WEIGHTS)
    return { ...snapshot, products: 'codes' };
  const folder = join(request.temporary, 'products');
  mkdirSync(folder, { recursive: true });
  const write = (form: Products) => {
    const path = join(folder, `${form}${ONNX.extensions[0]}`);
    writeFileSync(
      path,
      serializeWhole(quantizedGraph({ ...snapshot, products: form }), snapshot.model.files),
    );
    return path;
  };
  const progress = (fraction: number) => job.progress({ stage: 'quantizing', fraction });
  try {
    const [codes, float] = await compareTimes([write('codes'), write('float')], { ...comparison, progress });
    if (codes! <= float! * CLEARLY) return { ...snapshot, products: 'codes' };
    const note = `Weights become float when the model is loaded: products on their codes took ${(codes! / float!).toFixed(1)} times as long here.`;
    return { ...snapshot, products: 'float', notes: [...snapshot.notes, note] };
  } catch (error) {
    if (error instanceof UserError) return { ...snapshot, products: 'codes' };
    throw error;
  }
};

/** Numbers in all weights that onnxruntime makes one kernel of with their product. */
function fusedWeights({ model, replacements, integers }: Snapshot): number {
  const integer = new Set(integers?.plan.nodes.map(({ layer }) => layer));
  return [...replacements].reduce((sum, [name, tensor]) => {
    const layer = model.layers.get(name)!;
    const counts = !integer.has(name) && isFused(layer, tensor, model.graph);
    return counts ? sum + layer.summary.parameters : sum;
  }, 0);
}
