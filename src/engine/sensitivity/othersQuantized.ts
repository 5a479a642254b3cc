import { VERSIONS } from '../runtime/versions';
import type { ModelOutputError } from '../../core/measure/errors';
import type { Recipe } from '../../core/recipe/recipe';
import { pauses } from '../../base/pauses';
import { evenlySpaced } from '../data/evenlySpaced';
import { WeightKernel, type LoadKernel } from '../weights/WeightKernel';
import { leaveOneOut } from './leaveOneOut';
import { isComplete, reportAll, type Context, type PreparedRequest } from './PreparedRequest';
import type { VariantThreads } from './modelSensitivity';
import { SensitivityCache } from './SensitivityCache';

/**
 * All layers quantized as a recipe says, and one left in float at a time: reports what is cached, and measures the rest.
 * @returns the error with nothing left in float
 * @throws UserError, CancelledError as `leaveOneOut`
 */
export async function othersQuantized(
  prepared: PreparedRequest,
  recipe: Recipe,
  threads: VariantThreads,
  loadKernel: LoadKernel,
  context: Context,
): Promise<ModelOutputError> {
  const { request, shapes, samples, sampleIndices } = prepared;
  const { path, calibration, layers, cache: folder } = request;
  const cache = await cacheOf(prepared, recipe, context);
  reportAll(layers, cache, context.progress);
  if (cache.summary.recipe) return cache.summary.recipe;
  const missing = layers.filter((layer) => !cache.get(layer));
  const wanted = {
    path,
    recipe,
    cache: folder,
    calibration,
    shapes,
    layers: missing,
    sampleIndices,
    inputs: samples.kind,
  };
  try {
    const weightKernel = await WeightKernel.create(loadKernel);
    const error = await leaveOneOut(weightKernel, wanted, threads, {
      ...context,
      progress: (batch) => {
        batch.measurements
          .filter((each) => isComplete(each, sampleIndices.length))
          .forEach((each) => cache.add(each));
        context.progress(batch);
      },
    });
    cache.save({ recipe: error });
    return error;
  } catch (error) {
    cache.save();
    throw error;
  }
}

/** The recipe counts as a whole, and so do all samples, as activations are observed on them; data is known by its content. */
function cacheOf(
  { request, model, samples, sampleIndices }: PreparedRequest,
  recipe: Recipe,
  { signal, progress }: Context,
): Promise<SensitivityCache> {
  const { cache, path, layers } = request;
  const { all } = samples;
  const everywhere = evenlySpaced(all.count, all.count);
  const choices = { ...recipe, calibration: null };
  const origin = {
    versions: VERSIONS,
    files: [path, ...model.files.paths, ...all.files(everywhere)],
    options: ['others', choices, all.options(everywhere), all.labels, sampleIndices, layers.toSorted()],
  };
  const pause = pauses(signal, () => progress({ measurements: [], done: 0, total: 1 }));
  return SensitivityCache.open(cache, origin, pause);
}
