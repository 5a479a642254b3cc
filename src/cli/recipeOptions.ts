/** Options that stand for parts of a recipe. */
import { quoted } from '../base/quoted';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseActivations } from '../core/scheme/activations';
import { calibrationOf, type Calibration } from '../core/recipe/calibration';
import { CPUS, type CpuChoice } from '../core/recipe/cpu';
import { IMAGE_PRESETS } from '../core/recipe/imagePresets';
import { EMPTY_RECIPE, type IntegerFormat, type ProductChoice, type Recipe } from '../core/recipe/recipe';
import { readRecipeText } from '../core/recipe/recipeText';
import { parseRepair, REPAIR_PASSES, type RepairChoice } from '../core/recipe/repair';
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
  readonly cpu?: string | undefined;
  readonly repair?: string | undefined;
  readonly products?: string | undefined;
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
  cpu,
  repair,
  products,
  ...data
}: Values): Promise<Recipe> {
  if (scheme !== undefined && file !== undefined)
    throw new UsageError('Give --scheme or --recipe, not both.');
  const recipe = file === undefined ? EMPTY_RECIPE : await readRecipeFile(file);
  if (activations !== undefined && !parseActivations(activations))
    throw new UsageError(
      `${quoted(activations)} is no way to quantize activations; write uint8, int8 or uint8/mse.`,
    );
  return {
    ...recipe,
    default: scheme === undefined ? recipe.default : schemeFrom(scheme),
    shapes: { ...recipe.shapes, ...shapesFrom(shape ?? []) },
    activations: activations ?? recipe.activations,
    repair: repair === undefined ? recipe.repair : repairFrom(repair),
    format: format === undefined ? recipe.format : formatFrom(format),
    cpu: cpu === undefined ? recipe.cpu : cpuFrom(cpu),
    products: products === undefined ? recipe.products : productsFrom(products),
    calibration: calibrationFrom(recipe.calibration, data),
  };
}

function schemeFrom(text: string): string {
  const scheme = canonicalScheme(text);
  if (scheme === null) throw new UsageError(notAScheme(text));
  return scheme;
}

function repairFrom(text: string): RepairChoice {
  if (parseRepair(text)) return text;
  throw new UsageError(
    `${quoted(text)} is no repair; write auto, off, or some of ${REPAIR_PASSES.join(', ')}, as in gptq,bias.`,
  );
}

function formatFrom(text: string): IntegerFormat {
  const format = (['QDQ', 'QOperator'] as const).find((name) => name.toLowerCase() === text.toLowerCase());
  if (!format)
    throw new UsageError(`${quoted(text)} is no format of integer layers; write qdq or qoperator.`);
  return format;
}

function cpuFrom(text: string): CpuChoice {
  const cpu = CPUS.find((name) => name === text.toLowerCase());
  if (!cpu) throw new UsageError(`${quoted(text)} is no CPU to export for; write one of ${CPUS.join(', ')}.`);
  return cpu;
}

function productsFrom(text: string): ProductChoice {
  const choice = (['fastest', 'codes', 'float', 'dynamic'] as const).find((name) => name === text);
  if (!choice)
    throw new UsageError(`${quoted(text)} is no kind of products; write fastest, codes, float or dynamic.`);
  return choice;
}

async function readRecipeFile(file: string): Promise<Recipe> {
  const { recipe, problems } = readRecipeText(await readTextFile(file));
  if (problems[0]) throw new UserError(`The recipe ${file} is invalid: ${problems[0].message}`);
  return recipe;
}

/** Bytes of a recipe's file; one that is larger is no recipe. */
const MAX_BYTES = 64 * 2 ** 20;

/** @throws UserError for what is no file: a pipe would be waited for without end */
async function readTextFile(file: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new Error('it is not a file');
      if (stat.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 2 ** 20} MB`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new UserError(`The recipe ${file} cannot be read: ${(error as Error).message}.`);
  }
}

function shapesFrom(options: readonly string[]): Recipe['shapes'] {
  return Object.fromEntries(
    options.map((option) => {
      const match = /^(.+)=([1-9]\d*(?:x[1-9]\d*)*)$/.exec(option);
      if (!match) throw new UsageError(`${quoted(option)} is not a shape; write it as x=1x3x48x192.`);
      return [match[1]!, match[2]!.split('x').map(Number)] as const;
    }),
  );
}

/**
 * Data named here take the place of the recipe's, with its options for them. A path is relative to where the user is; in a recipe, to the
 * model.
 */
function calibrationFrom(
  fromRecipe: Calibration | null,
  { calibration, image }: Pick<Values, 'calibration' | 'image'>,
): Calibration | null {
  const data = calibration === undefined ? fromRecipe : withData(fromRecipe, calibration);
  if (image === undefined || data === null || data === 'synthetic') return data;
  const preset = Object.hasOwn(IMAGE_PRESETS, image) ? IMAGE_PRESETS[image] : undefined;
  if (!preset)
    throw new UsageError(
      `${quoted(image)} is no preset for pictures; these are ${Object.keys(IMAGE_PRESETS).join(', ')}.`,
    );
  return { ...data, image: { ...data.image, ...preset } };
}

function withData(fromRecipe: Calibration | null, data: string): Calibration | null {
  if (data === 'synthetic') return data;
  const path = resolve(data);
  return fromRecipe === null || fromRecipe === 'synthetic'
    ? calibrationOf(path)
    : { ...fromRecipe, data: path };
}
