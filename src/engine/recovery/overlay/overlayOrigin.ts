import type { Recipe } from '../../../core/recipe/recipe';
import type { Pause } from '../../../base/pauses';
import type { SampleList } from '../../data/calibrationSamples';
import type { OpenModel } from '../../formats/OpenModel';
import { digestOf, sha256 } from '../../io/ContentFile';
import type { RepairSamples } from '../repairSamples';
import type { OverlayOrigin } from './Overlay';

/**
 * Digests of all that repairs follow from, beside the engine.
 * @param path of the model
 * @throws UserError if a file cannot be read
 */
export async function overlayOrigin(
  path: string,
  { files }: Pick<OpenModel, 'files'>,
  recipe: Recipe,
  { fitted, judged }: RepairSamples,
  pause: Pause,
): Promise<OverlayOrigin> {
  const digestsOf = async (paths: Iterable<string>) => {
    const digests = new Map<string, string>();
    for (const each of paths) if (!digests.has(each)) digests.set(each, await digestOf(each, pause));
    return digests;
  };
  const listed = async (samples: SampleList) => {
    const all = Array.from({ length: samples.count }, (_, i) => i);
    const paths = samples.files(all);
    const digests = await digestsOf(paths);
    return [samples.options(all), paths.map((each) => digests.get(each))];
  };
  const model = [...(await digestsOf([path, ...files.paths])).values()];
  return {
    model: sha256(JSON.stringify(model)),
    data: sha256(JSON.stringify([await listed(fitted), await listed(judged)])),
    choices: sha256(JSON.stringify(choicesOf(recipe))),
  };
}

/** What a recipe says of numbers; which passes repair which layers is each result's own. */
function choicesOf({ default: scheme, layers, activations, layerActivations, opset }: Recipe): unknown {
  const sorted = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
  return [scheme, sorted(layers), activations, sorted(layerActivations), opset];
}
