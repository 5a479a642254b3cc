import { Uri, workspace, type Disposable, type Webview, type WebviewPanel } from 'vscode';
import { serve } from '../../base/rpc';
import type { EditorApi, EditorState, HostMessage } from '../../protocol/editorApi';
import type { QuantDocument } from '../document/QuantDocument';
import type { MeasurementNews } from '../session/MeasurementStore';
import type { ModelSession } from '../session/ModelSession';
import { intents } from './intents';
import { notices, withoutActions } from './notices';
import { webviewHtml } from './webviewHtml';

/** Joins one webview to a document and its session: state goes out, intents come in. */
export class EditorPanel implements Disposable {
  private readonly subscriptions: Disposable[] = [];
  /** The state that was last sent to the webview, so that only changes are sent. */
  private sent: Partial<EditorState> = {};
  private scheduled = false;
  /** Whether the webview is there. */
  private ready = false;

  constructor(
    private readonly panel: WebviewPanel,
    extensionUri: Uri,
    private readonly document: QuantDocument,
    private readonly session: ModelSession,
  ) {
    const { webview } = panel;
    webview.options = {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(extensionUri, 'dist'), Uri.joinPath(extensionUri, 'media')],
    };
    serve<EditorApi>(
      portOf(webview, this.subscriptions),
      intents(document, session, this, () => this.start()),
    );
    webview.html = webviewHtml(webview, extensionUri);
    this.subscriptions.push(
      document.onDidChange(() => this.update()),
      session.onDidChange(() => this.update()),
      session.onDidMeasure((news) => {
        if (this.ready) this.tell(news);
      }),
      workspace.onDidGrantWorkspaceTrust(() => void session.data.find()),
    );
  }

  get active(): boolean {
    return this.panel.active;
  }

  dispose(): void {
    this.ready = false;
    this.session.forget(this);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Sends everything, also after the webview was hidden and made anew. */
  private start(): void {
    this.ready = true;
    this.sent = {};
    this.flush();
    this.tell({ reset: ['weights', 'layer', 'model'] });
    this.tell({ measurements: this.session.measurements.all });
  }

  private tell(news: MeasurementNews): void {
    if ('reset' in news) this.post({ type: 'measurementsReset', levels: news.reset });
    else this.post({ type: 'measurements', measurements: news.measurements });
  }

  /** Sends what changed, once per turn of the event loop however much did. */
  private update(): void {
    if (this.scheduled || !this.ready) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      // The webview may be gone by now.
      if (this.ready) this.flush();
    });
  }

  private flush(): void {
    const state = this.state();
    const news = Object.entries(state).filter(
      ([key, value]) => !same(value, this.sent[key as keyof EditorState]),
    );
    this.sent = state;
    if (news.length > 0) this.post({ type: 'state', state: Object.fromEntries(news) });
  }

  private state(): EditorState {
    const { document, session } = this;
    return {
      fileName: document.uri.path.split('/').at(-1)!,
      inspection: session.inspection,
      failure: session.failure,
      recipe: document.recipe,
      measuring: session.measuring,
      data: session.data.found,
      notices: withoutActions(notices(document, session)),
      exporting: session.exports.progress,
      report: session.exports.report,
      trusted: workspace.isTrusted,
    };
  }

  private post(message: HostMessage): void {
    void this.panel.webview.postMessage(message);
  }
}

function portOf(webview: Webview, subscriptions: Disposable[]) {
  return {
    post: (message: unknown) => void webview.postMessage(message),
    listen: (listener: (message: unknown) => void) => {
      subscriptions.push(webview.onDidReceiveMessage(listener));
    },
  };
}

/** Values in the state are immutable, so identity tells; lists that are made anew each time are compared by content. */
function same(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && JSON.stringify(a) === JSON.stringify(b));
}
