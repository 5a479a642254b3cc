/** A model quantized as its recipe says, by the shortest way: to see what a change to it is good for. */
import { pauses } from '../../base/pauses';
import { parseActivations, type ActivationRange } from '../../core/scheme/activations';
import { schemeOf, type Recipe } from '../../core/recipe/recipe';
import { fitActivation } from '../../quant/activations/fitActivation';
import type { EncodedTensor } from '../../quant/EncodedTensor';
import type { Graph } from '../../onnx/graph/Graph';
import { observeActivations } from '../activations/observeActivations';
import { observeEnds } from '../activations/observeEnds';
import type { SampleList } from '../data/calibrationSamples';
import { weightOf } from '../formats/OpenModel';
import { quantizeWeight } from '../weights/quantizeWeight';
import { chosenRanges, integerWeights, planIntegers, type Integers } from './integers';
import { quantizedGraph } from './quantizedGraph';
import type { PhaseContext, Snapshot } from './Phase';
import { step } from './step';

/** Ranges that follow from least and greatest values alone. */
const BY_ENDS: ReadonlySet<ActivationRange['method']> = new Set(['minmax', 'average']);

/** Weights rounded to nearest by layer. */
export type Nearest = ReadonlyMap<string, EncodedTensor>;

/**
 * Quantizes layers that the recipe has a scheme for to nearest.
 * @param names of layers
 * @throws CancelledError
 */
export async function nearestWeights(
  { model, recipe }: Pick<Snapshot, 'model' | 'recipe'>,
  names: Iterable<string>,
  { weightKernel, job }: PhaseContext,
): Promise<Nearest> {
  const pause = pauses(job.signal, () => job.progress({ stage: 'preparing', fraction: 0 }));
  const weights = new Map<string, EncodedTensor>();
  for (const name of names) {
    const scheme = schemeOf(recipe, name);
    if (scheme === 'float' || model.layers.get(name)?.summary.quantized !== null) continue;
    const result = await quantizeWeight(weightKernel, weightOf(model, name), scheme, pause);
    if ('tensor' in result) weights.set(name, result.tensor);
    await pause();
  }
  return weights;
}

/**
 * The graph of a model with these weights, and its activations quantized as the recipe says.
 * @param fitted samples that ranges of activations follow from
 * @throws UserError if the model does not run; CancelledError
 */
export async function trialGraph(
  snapshot: Pick<Snapshot, 'model' | 'recipe'>,
  weights: Nearest,
  fitted: SampleList,
  context: PhaseContext,
): Promise<Graph> {
  // Operators on integers have the kernels alone to compute them with.
  const recipe: Recipe = { ...snapshot.recipe, format: 'QDQ' };
  const { model } = snapshot;
  if (recipe.activations === null)
    return quantizedGraph({ model, recipe, replacements: weights, integers: null });
  const { plan, scales } = await fitScales(snapshot, weights, fitted, context);
  const replacements = integerWeights(model, plan, scales, weights);
  return quantizedGraph({ model, recipe, replacements, integers: { plan, scales } });
}

async function fitScales(
  { model, recipe }: Pick<Snapshot, 'model' | 'recipe'>,
  weights: Nearest,
  fitted: SampleList,
  { job }: PhaseContext,
): Promise<Pick<Integers, 'plan' | 'scales'>> {
  const spec = parseActivations(recipe.activations)!;
  const plan = planIntegers(model, weights, recipe);
  const ranges = chosenRanges(plan, recipe);
  const observe = (done: number) => step(job, 'preparing', done / fitted.count);
  const byEnds = [spec.range, ...ranges.values()].every(({ method }) => BY_ENDS.has(method));
  const observers = byEnds
    ? await observeEnds(model, plan.tensors, fitted, observe)
    : await observeActivations(
        model,
        plan.tensors,
        { samples: fitted, sampleIndices: [...Array(fitted.count).keys()], cache: null },
        pauses(job.signal, () => job.progress({ stage: 'preparing', fraction: 0 })),
        observe,
      );
  const scales = new Map(
    [...observers].map(([name, observer]) => [
      name,
      fitActivation({ ...spec, range: ranges.get(name) ?? spec.range }, observer),
    ]),
  );
  return { plan, scales };
}
