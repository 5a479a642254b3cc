import {
  type Uri,
  Diagnostic,
  DiagnosticSeverity,
  languages,
  Range,
  workspace,
  type Disposable,
  type TextDocument,
} from 'vscode';
import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import type { EngineProcess } from '../../client/EngineProcess';
import { readRecipe, RECIPE_SUFFIX, unknownLayers, type RecipeProblem } from '../../core/recipe/recipe';
import { UserError } from '../../base/UserError';

/**
 * Problems in recipes that are open as text: what no JSON schema can know, such as layers that the model does not have.
 * The schema itself reports wrong types and unknown schemes.
 */
export class RecipeDiagnostics implements Disposable {
  private readonly collection = languages.createDiagnosticCollection('quantscope');
  private readonly subscriptions: Disposable[];

  constructor(private readonly engine: EngineProcess) {
    this.subscriptions = [
      this.collection,
      workspace.onDidOpenTextDocument((document) => void this.check(document)),
      workspace.onDidChangeTextDocument(({ document }) => void this.check(document)),
      workspace.onDidCloseTextDocument(({ uri }) => this.collection.delete(uri)),
    ];
    for (const document of workspace.textDocuments) void this.check(document);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async check(document: TextDocument): Promise<void> {
    const { uri, version } = document;
    if (uri.scheme !== 'file' || !uri.path.endsWith(`.onnx${RECIPE_SUFFIX}`)) return;
    const root = parseTree(document.getText());
    const diagnostics = root ? await this.problems(uri, root) : [];
    // The text may have changed while the model was read.
    if (document.version !== version || document.isClosed) return;
    this.collection.set(
      uri,
      diagnostics.map(({ path, message }) => {
        const diagnostic = new Diagnostic(rangeOf(document, root!, path), message, DiagnosticSeverity.Error);
        diagnostic.source = 'Quantscope';
        return diagnostic;
      }),
    );
  }

  private async problems(uri: Uri, root: Node): Promise<RecipeProblem[]> {
    const { recipe, problems } = readRecipe(valueOf(root));
    const model = uri.fsPath.slice(0, -RECIPE_SUFFIX.length);
    try {
      const { layers } = await this.engine.call('inspect', { path: model });
      return [...problems, ...unknownLayers(recipe, layers)];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [
        ...problems,
        { path: [], message: `The recipe cannot be checked against its model: ${error.message}` },
      ];
    }
  }
}

/** The range of the value at `path`, or of its key where the value is of no interest. */
function rangeOf(document: TextDocument, root: Node, path: readonly string[]): Range {
  const node = findNodeAtLocation(root, [...path]);
  const key = node?.parent?.type === 'property' ? node.parent : node;
  const { offset, length } = key ?? { offset: 0, length: 1 };
  return new Range(document.positionAt(offset), document.positionAt(offset + length));
}

/** A JSON value with own properties only, whatever the keys are called. */
function valueOf(node: Node): unknown {
  if (node.type === 'array') return node.children?.map(valueOf) ?? [];
  if (node.type !== 'object') return node.value;
  const entries = (node.children ?? []).filter((property) => property.children?.length === 2);
  return Object.fromEntries(entries.map(({ children }) => [children![0]!.value, valueOf(children![1]!)]));
}
