import {
  EventEmitter,
  RelativePattern,
  Uri,
  workspace,
  type CancellationToken,
  type CustomDocumentBackup,
  type CustomDocumentBackupContext,
  type CustomDocumentEditEvent,
  type CustomDocumentOpenContext,
  type CustomEditorProvider,
  type Disposable,
  type WebviewPanel,
} from 'vscode';
import type { EngineProcess, EngineProcessOptions } from '../../client/EngineProcess';
import type { ExportReport } from '../../core/report/report';
import { EditorPanel } from './EditorPanel';
import { ModelSession } from '../session/ModelSession';
import { QuantDocument } from '../document/QuantDocument';

/** One open model: its document, what is known of it, and the panels that show it. */
export interface OpenModel {
  readonly document: QuantDocument;
  readonly session: ModelSession;
  readonly panels: Set<EditorPanel>;
  readonly watchers: readonly Disposable[];
}

/** A build that writes a model writes it in steps; wait until it is done. */
const SETTLE_MS = 300;

/** The custom editor for model files. */
export class EditorProvider implements CustomEditorProvider<QuantDocument>, Disposable {
  private readonly edits = new EventEmitter<CustomDocumentEditEvent<QuantDocument>>();
  readonly onDidChangeCustomDocument = this.edits.event;

  private readonly models = new Map<QuantDocument, OpenModel>();
  /** Reports of Save As, for the editor that VS Code then opens on the new file. */
  private readonly reports = new Map<string, ExportReport>();

  constructor(
    private readonly extensionUri: Uri,
    private readonly engine: EngineProcess,
    private readonly engineOptions: EngineProcessOptions,
    /** A folder for what was measured. */
    private readonly cache: string,
  ) {}

  /** The model whose editor has the focus. */
  get active(): OpenModel | undefined {
    return this.open.find(({ panels }) => [...panels].some((panel) => panel.active));
  }

  get open(): readonly OpenModel[] {
    return [...this.models.values()];
  }

  async openCustomDocument(uri: Uri, context: CustomDocumentOpenContext): Promise<QuantDocument> {
    const document = await QuantDocument.open(
      uri,
      context.backupId ? Uri.parse(context.backupId) : undefined,
    );
    const session = new ModelSession(uri, this.engine, this.engineOptions, this.cache);
    session.exports.report = this.reports.get(uri.toString()) ?? null;
    this.reports.delete(uri.toString());
    session.follow(document.recipe);
    document.onDidChange(() => session.follow(document.recipe));
    document.onDidEdit((edit) => this.edits.fire({ document, ...edit }));
    const watchers = [
      watch(document.recipeUri, () => void document.fileChanged()),
      watch(
        uri,
        debounced(() => void session.load()),
      ),
    ];
    this.models.set(document, { document, session, panels: new Set(), watchers });
    // The editor opens at once and shows the model when it is read.
    void session.load();
    return document;
  }

  resolveCustomEditor(document: QuantDocument, panel: WebviewPanel): void {
    const model = this.models.get(document)!;
    const view = new EditorPanel(panel, this.extensionUri, document, model.session);
    model.panels.add(view);
    panel.onDidDispose(() => {
      view.dispose();
      model.panels.delete(view);
      if (model.panels.size === 0) this.close(model);
    });
  }

  saveCustomDocument(document: QuantDocument): Promise<void> {
    return document.save();
  }

  /** Save As is an export. VS Code takes the document for saved then, so its recipe is saved as well. */
  async saveCustomDocumentAs(
    document: QuantDocument,
    destination: Uri,
    token: CancellationToken,
  ): Promise<void> {
    const { session } = this.models.get(document)!;
    const cancel = token.onCancellationRequested(() => session.exports.cancel());
    try {
      const report = await session.export(document.recipe, destination);
      this.reports.set(destination.toString(), report);
      await document.save();
    } finally {
      cancel.dispose();
    }
  }

  revertCustomDocument(document: QuantDocument): Promise<void> {
    return document.revert();
  }

  async backupCustomDocument(
    document: QuantDocument,
    { destination }: CustomDocumentBackupContext,
  ): Promise<CustomDocumentBackup> {
    await document.backup(destination);
    return {
      id: destination.toString(),
      delete: () => void workspace.fs.delete(destination).then(undefined, () => {}),
    };
  }

  dispose(): void {
    for (const model of this.open) this.close(model);
    this.edits.dispose();
  }

  private close(model: OpenModel): void {
    this.models.delete(model.document);
    for (const watcher of model.watchers) watcher.dispose();
    model.session.dispose();
  }
}

/** Calls `action` when a file is written, made or removed. */
function watch(uri: Uri, action: () => void): Disposable {
  const name = uri.path.split('/').at(-1)!;
  // Names are literal: brackets keep a glob's special characters from meaning anything.
  const pattern = new RelativePattern(Uri.joinPath(uri, '..'), name.replace(/[*?{}[\]]/g, '[$&]'));
  const watcher = workspace.createFileSystemWatcher(pattern);
  watcher.onDidChange(action);
  watcher.onDidCreate(action);
  watcher.onDidDelete(action);
  return watcher;
}

function debounced(action: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, SETTLE_MS);
  };
}
