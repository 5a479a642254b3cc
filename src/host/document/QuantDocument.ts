import {
  CancellationError,
  EventEmitter,
  l10n,
  window,
  workspace,
  type CustomDocument,
  type Uri,
} from 'vscode';
import type { Recipe } from '../../core/recipe/recipe';
import { formatRecipe } from '../../core/recipe/recipeText';
import { readRecipeFile, readText, recipeUri, writeRecipeFile, type ReadRecipe } from './RecipeFile';

/** A change of the recipe that VS Code can undo. */
export interface RecipeEdit {
  readonly label: string;
  undo(): void;
  redo(): void;
}

/**
 * The document behind the editor: the recipe of one model. The model itself is never changed. Recipes are immutable values,
 * so an edit is a pair of them.
 */
export class QuantDocument implements CustomDocument {
  private readonly edited = new EventEmitter<RecipeEdit>();
  private readonly changed = new EventEmitter<void>();
  /** The user made a choice. */
  readonly onDidEdit = this.edited.event;
  /** The recipe, or what is to be said about its file, is another now. */
  readonly onDidChange = this.changed.event;

  readonly recipeUri: Uri;
  private current: Recipe;
  /** The recipe that the file was last known to hold. */
  private saved: Recipe;
  /** Text of the recipe file as it was last read or written; null if there was none. */
  private onFile: string | null;
  private unread: string | null;
  private conflict = false;

  private constructor(
    readonly uri: Uri,
    file: ReadRecipe,
  ) {
    this.recipeUri = recipeUri(uri);
    this.current = this.saved = file.recipe;
    this.onFile = file.text;
    this.unread = file.problem;
  }

  /** Reads the saved recipe, or where VS Code kept unsaved choices (hot exit), those. */
  static async open(uri: Uri, backup: Uri | undefined): Promise<QuantDocument> {
    const document = new QuantDocument(uri, await readRecipeFile(recipeUri(uri)));
    if (backup) document.current = (await readRecipeFile(backup)).recipe;
    return document;
  }

  get recipe(): Recipe {
    return this.current;
  }

  /** Why a part of the saved recipe is invalid; null if all of it is valid. */
  get problem(): string | null {
    return this.unread;
  }

  /** Whether the recipe was never saved. */
  get isNew(): boolean {
    return this.onFile === null;
  }

  /** Whether the file on disk changed while there were unsaved choices. */
  get conflicting(): boolean {
    return this.conflict;
  }

  /** Makes an undoable change. */
  edit(label: string, recipe: Recipe): void {
    const before = this.current;
    if (formatRecipe(before) === formatRecipe(recipe)) return;
    this.set(recipe);
    this.edited.fire({ label, undo: () => this.set(before), redo: () => this.set(recipe) });
  }

  /** Writes the recipe beside the model, after asking if that would destroy something that was not read. */
  async save(): Promise<void> {
    const onDisk = await readText(this.recipeUri);
    if (onDisk !== this.onFile || this.unread !== null) await this.confirmOverwrite(onDisk !== this.onFile);
    const recipe = this.current;
    this.accept({ recipe, text: await writeRecipeFile(this.recipeUri, recipe, onDisk), problem: null });
    this.changed.fire();
  }

  /** Goes back to what is saved. */
  async revert(): Promise<void> {
    this.accept(await readRecipeFile(this.recipeUri));
    this.set(this.saved);
  }

  /** Saves the unsaved choices where VS Code wants them, for the next start. */
  async backup(destination: Uri): Promise<void> {
    await writeRecipeFile(destination, this.current, null);
  }

  /** The recipe file was written or removed by someone; our own writing is no news. */
  async fileChanged(): Promise<void> {
    const text = await readText(this.recipeUri);
    if (text === this.onFile) return;
    if (this.hasUnsavedChoices) {
      this.conflict = true;
      this.changed.fire();
    } else await this.revert();
  }

  /** Leaves the file on disk to be overwritten by the next save. */
  async keepChoices(): Promise<void> {
    this.onFile = await readText(this.recipeUri);
    this.conflict = false;
    this.changed.fire();
  }

  dispose(): void {
    this.edited.dispose();
    this.changed.dispose();
  }

  private get hasUnsavedChoices(): boolean {
    return formatRecipe(this.current) !== formatRecipe(this.saved);
  }

  private accept(file: ReadRecipe): void {
    this.saved = file.recipe;
    this.onFile = file.text;
    this.unread = file.problem;
    this.conflict = false;
  }

  private set(recipe: Recipe): void {
    this.current = recipe;
    this.changed.fire();
  }

  /** @throws CancellationError if the user says no */
  private async confirmOverwrite(changed: boolean): Promise<void> {
    const overwrite = l10n.t('Overwrite');
    const question = changed
      ? l10n.t('The saved recipe was changed on disk. Overwrite it with your choices?')
      : l10n.t(
          'The saved recipe holds something that was not understood, and saving removes it. Overwrite it?',
        );
    const answer = await window.showWarningMessage(
      question,
      { modal: true, detail: this.unread ?? workspace.asRelativePath(this.recipeUri) },
      overwrite,
    );
    if (answer !== overwrite) throw new CancellationError();
  }
}
