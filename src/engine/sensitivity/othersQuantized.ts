import { VERSIONS } from '../runtime/versions';
import type { ModelOutputError } from '../../core/measure/measures';
import type { Recipe } from '../../core/recipe/recipe';
import type { OutputErrors } from '../../core/measure/sensitivity';
import { pauses } from '../../base/pauses';
import { evenlySpaced } from '../data/evenlySpaced';
import { WeightKernel, type LoadKernel } from '../weights/WeightKernel';
import { leftInFloat } from './leftInFloat';
import { isComplete, type Context, type Measurement } from './Measurement';
import type { VariantThreads } from './modelSensitivity';
import { SensitivityCache } from './SensitivityCache';

/**
 * All layers quantized as a recipe says, and one left in float at a time: tells what is known already, and measures the rest.
 * @returns the error with nothing left in float
 * @throws UserError, CancelledError as `leftInFloat`
 */
export async function othersQuantized(
  measurement: Measurement,
  recipe: Recipe,
  threads: VariantThreads,
  loadKernel: LoadKernel,
  context: Context,
): Promise<ModelOutputError> {
  const { request, shapes, places } = measurement;
  const { path, calibration, temporary, layers, cache: folder } = request;
  const cache = await cacheOf(measurement, recipe, context);
  const known = layers.flatMap((layer) => {
    const errors = cache.layer(layer);
    return errors ? [{ level: 'model', layer, ...errors } as OutputErrors] : [];
  });
  if (known.length > 0) context.progress({ layers: known, done: known.length, total: layers.length });
  if (cache.summary.recipe) return cache.summary.recipe;
  const missing = layers.filter((layer) => !cache.layer(layer));
  const wanted = { path, recipe, temporary, cache: folder, calibration, shapes, layers: missing, places };
  try {
    const bench = await WeightKernel.create(loadKernel);
    const error = await leftInFloat(bench, wanted, threads, {
      ...context,
      progress: (batch) => {
        batch.layers.filter((each) => isComplete(each, places.length)).forEach((each) => cache.add(each));
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
  { request, model, samples, places }: Measurement,
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
    options: ['others', choices, all.options(everywhere), all.labels, places, layers.toSorted()],
  };
  const pause = pauses(signal, () => progress({ layers: [], done: 0, total: 1 }));
  return SensitivityCache.open(cache, origin, pause);
}
