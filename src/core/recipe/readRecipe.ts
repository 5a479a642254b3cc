import { canonicalScheme } from '../scheme/scheme';
import { calibrationOf, type Calibration } from './calibration';
import type { WrittenCalibration } from './calibrationSchema';
import { findProblems, isRecord, type RecipeProblem } from './findProblems';
import { EMPTY_RECIPE, type Recipe } from './recipe';
import { RECIPE } from './recipeSchema';

/** Checks a JSON value. `recipe` holds what could be understood; it is complete if there are no problems. */
export function readRecipe(value: unknown): { recipe: Recipe; problems: RecipeProblem[] } {
  const problems = findProblems(RECIPE, value);
  if (!isRecord(value)) return { recipe: EMPTY_RECIPE, problems };
  const wrong = new Set(problems.map(({ path }) => JSON.stringify(path)));
  const read = <T>(key: string, otherwise: T): T =>
    wrong.has(JSON.stringify([key])) ? otherwise : ((value[key] as T | null | undefined) ?? otherwise);
  const entries = <T>(key: string): Record<string, T> =>
    Object.fromEntries(
      Object.entries(read<Record<string, T>>(key, {})).filter(
        ([name]) => !wrong.has(JSON.stringify([key, name])),
      ),
    );
  const recipe: Recipe = {
    default: canonicalScheme(value['default']) ?? EMPTY_RECIPE.default,
    layers: Object.fromEntries(
      Object.entries(entries<string>('layers')).map(([name, scheme]) => [name, canonicalScheme(scheme)!]),
    ),
    shapes: entries('shapes'),
    opset: read('opset', EMPTY_RECIPE.opset),
    format: read('format', EMPTY_RECIPE.format),
    cpu: read('cpu', EMPTY_RECIPE.cpu),
    products: read('products', EMPTY_RECIPE.products),
    activations: read('activations', EMPTY_RECIPE.activations),
    layerActivations: entries('layerActivations'),
    repair: read('repair', EMPTY_RECIPE.repair),
    layerRepair: entries('layerRepair'),
    overlay: read('overlay', EMPTY_RECIPE.overlay),
    calibration: readCalibration(value['calibration'], problems),
  };
  return { recipe, problems };
}

/** A calibration with fields that it does not have is understood without them; with wrong ones it is not. */
function readCalibration(value: unknown, problems: readonly RecipeProblem[]): Calibration | null {
  if (value === undefined || value === null) return null;
  const wrong = problems.some(({ path, unknown }) => path[0] === 'calibration' && !unknown);
  return wrong ? null : calibrationOf(value as WrittenCalibration);
}
