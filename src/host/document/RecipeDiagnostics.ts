import { stat } from 'node:fs/promises';
import type { Uri } from 'vscode';
import { modelExtension } from '../../core/model/modelFormats';
import {
  Diagnostic,
  DiagnosticSeverity,
  languages,
  Range,
  workspace,
  type Disposable,
  type TextDocument,
} from 'vscode';
import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { UserError } from '../../base/UserError';
import type { EngineProcess } from '../../client/EngineProcess';
import type { RecipeProblem } from '../../core/recipe/findProblems';
import { RECIPE_SUFFIX, unknownLayers } from '../../core/recipe/recipe';
import { readRecipeText, type ReadText } from '../../core/recipe/recipeText';

/** A text is checked when nothing was typed for so long. */
const PAUSE_MS = 300;

type Layers = readonly { readonly name: string }[];

/** The layers of a model, or why there are none, as of one state of its file. */
interface Inspection {
  readonly stamp: string;
  readonly layers: Promise<Layers>;
}

/**
 * Problems in recipes that are open as text: what no JSON schema can know, such as layers that the model does not have.
 * The schema itself reports wrong types and unknown schemes.
 */
export class RecipeDiagnostics implements Disposable {
  private readonly collection = languages.createDiagnosticCollection('quantscope');
  private readonly subscriptions: Disposable[];
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** By the path of the model; kept while its recipe is open. */
  private readonly inspections = new Map<string, Inspection>();

  constructor(private readonly engine: EngineProcess) {
    this.subscriptions = [
      this.collection,
      workspace.onDidOpenTextDocument((document) => this.checkSoon(document, 0)),
      workspace.onDidChangeTextDocument(({ document }) => this.checkSoon(document, PAUSE_MS)),
      workspace.onDidCloseTextDocument(({ uri }) => this.forget(uri)),
    ];
    for (const document of workspace.textDocuments) this.checkSoon(document, 0);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private checkSoon(document: TextDocument, delay: number): void {
    const { uri } = document;
    if (uri.scheme !== 'file' || !uri.path.endsWith(RECIPE_SUFFIX)) return;
    if (modelExtension(uri.path.slice(0, -RECIPE_SUFFIX.length)) === '') return;
    clearTimeout(this.timers.get(uri.fsPath));
    this.timers.set(
      uri.fsPath,
      setTimeout(() => void this.check(document), delay),
    );
  }

  private forget(uri: Uri): void {
    clearTimeout(this.timers.get(uri.fsPath));
    this.timers.delete(uri.fsPath);
    this.inspections.delete(modelOf(uri));
    this.collection.delete(uri);
  }

  private async check(document: TextDocument): Promise<void> {
    const { uri, version } = document;
    const read = readRecipeText(document.getText());
    // Text that is no JSON is reported by the editor.
    const problems = read.root ? await this.problems(modelOf(uri), read) : [];
    // The text may have changed while the model was read.
    if (document.version !== version || document.isClosed) return;
    this.collection.set(
      uri,
      problems.map(({ path, message }) => {
        const range = rangeOf(document, read.root!, path);
        const diagnostic = new Diagnostic(range, message, DiagnosticSeverity.Error);
        diagnostic.source = 'Quantscope';
        return diagnostic;
      }),
    );
  }

  private async problems(model: string, { recipe, problems }: ReadText): Promise<readonly RecipeProblem[]> {
    try {
      return [...problems, ...unknownLayers(recipe, await this.layersOf(model))];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const message = `The recipe cannot be checked against its model: ${error.message}`;
      return [...problems, { path: [], message }];
    }
  }

  /** A model is inspected once for each state of its file. */
  private async layersOf(model: string): Promise<Layers> {
    const stamp = await stat(model).then(
      ({ size, mtimeMs, ino }) => `${size} ${mtimeMs} ${ino}`,
      () => 'missing',
    );
    const cached = this.inspections.get(model);
    if (cached?.stamp === stamp) return cached.layers;
    const layers = this.engine.call('inspect', { path: model }).then((inspection) => inspection.layers);
    this.inspections.set(model, { stamp, layers });
    // A process that ended or was cancelled says nothing about the model.
    layers.catch((error: unknown) => {
      if (!(error instanceof UserError)) this.inspections.delete(model);
    });
    return layers;
  }
}

function modelOf({ fsPath }: Uri): string {
  return fsPath.slice(0, -RECIPE_SUFFIX.length);
}

/** The range of the value at `path`, or of its key where the value is of no interest. */
function rangeOf(document: TextDocument, root: Node, path: readonly string[]): Range {
  const node = findNodeAtLocation(root, [...path]);
  const key = node?.parent?.type === 'property' ? node.parent : node;
  const { offset, length } = key ?? { offset: 0, length: 1 };
  return new Range(document.positionAt(offset), document.positionAt(offset + length));
}
