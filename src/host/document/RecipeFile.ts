import { type Uri, FileSystemError, workspace } from 'vscode';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { EMPTY_RECIPE, formatRecipe, readRecipe, RECIPE_SUFFIX, type Recipe } from '../../core/recipe/recipe';
import { settings } from '../settings';

/** A recipe as it was read: what was understood of it, and what was not, in one sentence. */
export interface ReadRecipe {
  readonly recipe: Recipe;
  /** The file's text; null if there is no file. */
  readonly text: string | null;
  readonly problem: string | null;
}

/** Where the recipe of a model is saved. */
export function recipeUri(model: Uri): Uri {
  return model.with({ path: model.path + RECIPE_SUFFIX });
}

/** Reads the recipe at `uri`; a missing file is a fresh recipe. */
export async function readRecipeFile(uri: Uri): Promise<ReadRecipe> {
  const fresh = { ...EMPTY_RECIPE, default: settings.defaultScheme };
  const text = await readText(uri);
  if (text === null) return { recipe: fresh, text, problem: null };
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors);
  if (errors.length > 0) {
    const { line } = position(text, errors[0]!.offset);
    return {
      recipe: fresh,
      text,
      problem: `The saved recipe is not valid JSON: line ${line + 1}, ${printParseErrorCode(errors[0]!.error)}.`,
    };
  }
  const { recipe, problems } = readRecipe(value);
  return { recipe, text, problem: problems[0]?.message ?? null };
}

/** @returns the text that was written */
export async function writeRecipeFile(uri: Uri, recipe: Recipe): Promise<string> {
  const text = formatRecipe(recipe);
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return text;
}

/** The file's text, or null if there is no such file. */
export async function readText(uri: Uri): Promise<string | null> {
  try {
    return new TextDecoder().decode(await workspace.fs.readFile(uri));
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return null;
    throw error;
  }
}

/** Line and column, from zero, of an offset. */
export function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length - 1, column: before.at(-1)!.length };
}
