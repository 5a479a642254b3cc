/** Options that stand for parts of a recipe. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseActivations } from '../core/scheme/activations';
import { IMAGE_PRESETS, readCalibration, type Calibration } from '../core/recipe/calibration';
import { EMPTY_RECIPE, readRecipe, type IntegerFormat, type Recipe } from '../core/recipe/recipe';
import { canonicalScheme } from '../core/scheme/scheme';
import { notAScheme } from '../core/scheme/schemeLists';
import { UserError } from '../base/UserError';
import { UsageError } from './usage';

/** Their declaration for `readArguments`. */
export const RECIPE_OPTIONS = {
  recipe: { type: 'string' },
  shape: { type: 'string', multiple: true },
  calibration: { type: 'string' },
  image: { type: 'string' },
} as const;

interface Values {
  readonly scheme?: string | undefined;
  readonly recipe?: string | undefined;
  readonly shape?: readonly string[] | undefined;
  readonly activations?: string | undefined;
  readonly format?: string | undefined;
  readonly calibration?: string | undefined;
  readonly image?: string | undefined;
}

/**
 * The recipe of a file, if one is named, with what other options say in its place.
 * @throws UsageError, or UserError for a file that is no recipe
 */
export async function recipeFrom({
  scheme,
  recipe: file,
  shape,
  activations,
  format,
  ...data
}: Values): Promise<Recipe> {
  if (scheme !== undefined && file !== undefined)
    throw new UsageError('Give --scheme or --recipe, not both.');
  const recipe = file === undefined ? EMPTY_RECIPE : await readRecipeFile(file);
  if (activations !== undefined && !parseActivations(activations))
    throw new UsageError(
      `"${activations}" is no way to quantize activations; write uint8, int8 or uint8/mse.`,
    );
  return {
    ...recipe,
    default: scheme === undefined ? recipe.default : schemeFrom(scheme),
    shapes: { ...recipe.shapes, ...shapesFrom(shape ?? []) },
    activations: activations ?? recipe.activations,
    format: format === undefined ? recipe.format : formatFrom(format),
    calibration: calibrationFrom(recipe.calibration, data),
  };
}

function schemeFrom(text: string): string {
  const scheme = canonicalScheme(text);
  if (scheme === null) throw new UsageError(notAScheme(text));
  return scheme;
}

function formatFrom(text: string): IntegerFormat {
  const format = (['QDQ', 'QOperator'] as const).find((name) => name.toLowerCase() === text.toLowerCase());
  if (!format) throw new UsageError(`"${text}" is no format of integer layers; write qdq or qoperator.`);
  return format;
}

async function readRecipeFile(file: string): Promise<Recipe> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is not valid JSON' : 'it cannot be read';
    throw new UserError(`The recipe ${file} is of no use: ${reason} (${(error as Error).message}).`);
  }
  const { recipe, problems } = readRecipe(value);
  if (problems[0]) throw new UserError(`The recipe ${file} is of no use: ${problems[0].message}`);
  return recipe;
}

function shapesFrom(options: readonly string[]): Recipe['shapes'] {
  return Object.fromEntries(
    options.map((option) => {
      const match = /^(.+)=([1-9]\d*(?:x[1-9]\d*)*)$/.exec(option);
      if (!match) throw new UsageError(`"${option}" is not a shape; write it as x=1x3x48x192.`);
      return [match[1]!, match[2]!.split('x').map(Number)] as const;
    }),
  );
}

/**
 * Data named here take the place of the recipe's, with its options for them. A path is relative to where the user is; in a recipe, to the
 * model.
 */
function calibrationFrom(
  known: Calibration | null,
  { calibration, image }: Pick<Values, 'calibration' | 'image'>,
): Calibration | null {
  const data = calibration === undefined ? known : withData(known, calibration);
  if (image === undefined || data === null || data === 'synthetic') return data;
  const preset = Object.hasOwn(IMAGE_PRESETS, image) ? IMAGE_PRESETS[image] : undefined;
  if (!preset)
    throw new UsageError(
      `"${image}" is no preset for pictures; these are ${Object.keys(IMAGE_PRESETS).join(', ')}.`,
    );
  return { ...data, image: { ...data.image, ...preset } };
}

function withData(known: Calibration | null, data: string): Calibration | null {
  if (data === 'synthetic') return data;
  const path = resolve(data);
  return known === null || known === 'synthetic' ? readCalibration(path, () => {}) : { ...known, data: path };
}
