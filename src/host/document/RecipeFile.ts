import type { Uri } from 'vscode';
import { FileSystemError, FileType, workspace } from 'vscode';
import { EMPTY_RECIPE, RECIPE_SUFFIX, type Recipe } from '../../core/recipe/recipe';
import { readRecipeText, recipeText } from '../../core/recipe/recipeText';
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
  const { recipe, problems, root } = readRecipeText(text);
  return { recipe: root ? recipe : fresh, text, problem: problems[0]?.message ?? null };
}

/**
 * @param previous the text that the file has, whose comments stay
 * @returns the text that was written
 */
export async function writeRecipeFile(uri: Uri, recipe: Recipe, previous: string | null): Promise<string> {
  const text = recipeText(recipe, previous);
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return text;
}

/**
 * The file's text, or null if there is no such file.
 * @throws Error for what is no file: a pipe would be waited for without end
 */
export async function readText(uri: Uri): Promise<string | null> {
  try {
    const { type } = await workspace.fs.stat(uri);
    if ((type & FileType.File) === 0) throw new Error(`${uri.fsPath} is not a file.`);
    return new TextDecoder().decode(await workspace.fs.readFile(uri));
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return null;
    throw error;
  }
}
