import {
  commands,
  l10n,
  Uri,
  window,
  workspace,
  type Disposable,
  type Webview,
  type WebviewPanel,
} from 'vscode';
import type { EditorApi, EditorState, HostMessage, Notice } from '../../protocol/editorApi';
import { FLOAT_ACTIVATIONS, parseRange } from '../../core/scheme/activations';
import { unknownLayers, withLayerActivations, withScheme } from '../../core/recipe/recipe';
import { parseRepair } from '../../core/recipe/repair';
import { serve, type Handlers } from '../../base/rpc';
import { isSchemeId, type SchemeId } from '../../core/scheme/scheme';
import { withReducedRange } from '../../core/scheme/reduceRange';
import { askActivations } from '../dialogs/askActivations';
import { askData } from '../dialogs/askCalibration';
import { askFloatLayers } from '../dialogs/askFloatLayers';
import { askShape } from '../dialogs/askShape';
import type { QuantDocument } from '../document/QuantDocument';
import type { MeasurementNews } from '../session/MeasurementStore';
import type { ModelSession } from '../session/ModelSession';
import { exportWithDialog, openModel, saveReport } from '../dialogs/exporting';
import { webviewHtml } from './webviewHtml';

/** Joins one webview to a document and its session: state goes out, intents come in. */
export class EditorPanel implements Disposable {
  private readonly subscriptions: Disposable[] = [];
  /** The state that was last sent to the webview, so that only changes are sent. */
  private sent: Partial<EditorState> = {};
  private scheduled = false;
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
    serve<EditorApi>(portOf(webview, this.subscriptions), this.handlers());
    webview.html = webviewHtml(webview, extensionUri);
    this.subscriptions.push(
      document.onDidChange(() => this.update()),
      session.onDidChange(() => this.update()),
      session.onDidMeasure((news) => {
        if (this.ready) this.tell(news);
      }),
      workspace.onDidGrantWorkspaceTrust(() => void session.findData()),
    );
  }

  private get inputNames(): readonly string[] {
    return this.session.inspection?.model.inputs.map(({ name }) => name) ?? [];
  }

  get active(): boolean {
    return this.panel.active;
  }

  dispose(): void {
    this.session.forget(this);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private handlers(): Handlers<EditorApi> {
    const { document, session } = this;
    return {
      ready: () => this.start(),
      chooseScheme: ({ layers, scheme }) => {
        if (scheme !== null) check(scheme);
        const what = layers.length === 1 ? layers[0]! : l10n.t('{0} layers', layers.length);
        const label = scheme === null ? l10n.t('Follow default: {0}', what) : `${scheme}: ${what}`;
        document.edit(label, withScheme(document.recipe, layers, scheme));
        return null;
      },
      chooseDefault: ({ scheme }) => {
        check(scheme);
        document.edit(l10n.t('Default scheme {0}', scheme), { ...document.recipe, default: scheme });
        return null;
      },
      askActivations: async () => {
        await askActivations(document, this.inputNames);
        return null;
      },
      askData: async () => {
        await askData(document, this.inputNames);
        return null;
      },
      rereadData: () => {
        session.rereadData();
        return null;
      },
      askShape: async ({ input }) => {
        const summary = session.inspection?.model.inputs.find(({ name }) => name === input);
        if (summary) await askShape(document, summary);
        return null;
      },
      layerView: (request, { signal }) => session.layerView(request, signal),
      activationView: (request, { signal }) => session.activationView(request, document.recipe, signal),
      bakeOff: (request, { signal, progress }) => session.bakeOff(request, { signal, onProgress: progress }),
      showErrors: async (shown) => {
        shown.schemes.forEach(check);
        // Weight errors need no data, and do not wait until the user has named some.
        session.showErrors(this, { ...shown, level: 'weights' });
        if (shown.level === 'weights') return true;
        if (!(await this.mayRun())) return false;
        session.showErrors(this, shown);
        return true;
      },
      cancelErrors: ({ level }) => {
        session.cancelErrors(level);
        return null;
      },
      restartErrors: () => {
        session.analyse();
        return null;
      },
      askFloatLayers: async () => {
        await askFloatLayers(
          document,
          [...session.measurements.at('model').values()],
          session.measuring.summaries.model?.recipe ?? null,
        );
        return null;
      },
      chooseActivations: ({ layers, choice }) => {
        if (choice !== null && choice !== FLOAT_ACTIVATIONS && !parseRange(choice))
          throw new Error('That is no range.');
        const what = layers.length === 1 ? layers[0]! : l10n.t('{0} layers', layers.length);
        document.edit(
          l10n.t('Input of {0}: {1}', what, choice ?? document.recipe.activations ?? ''),
          withLayerActivations(document.recipe, layers, choice),
        );
        return null;
      },
      chooseRepair: ({ choice }) => {
        if (!parseRepair(choice)) throw new Error('That is no repair.');
        document.edit(l10n.t('Repair {0}', choice), { ...document.recipe, repair: choice });
        return null;
      },
      narrowWeights: () => {
        document.edit(l10n.t('Weights of 7 bits'), withReducedRange(document.recipe));
        return null;
      },
      export: async () => {
        await exportWithDialog(document, session);
        return null;
      },
      cancelExport: () => {
        session.cancelExport();
        return null;
      },
      saveReport: async () => {
        if (session.report) await saveReport(session.report);
        return null;
      },
      openOutput: async () => {
        if (session.report) await openModel(Uri.file(session.report.output.path));
        return null;
      },
      dismissReport: () => {
        session.dismissReport();
        return null;
      },
      runNoticeAction: async ({ notice, action }) => {
        await this.noticeActions()[`${notice}.${action}`]?.();
        return null;
      },
    };
  }

  /** Sends everything, also after the webview was hidden and made anew. */
  private start(): null {
    this.ready = true;
    this.sent = {};
    this.flush();
    this.tell({ reset: ['weights', 'layer', 'model'] });
    this.tell({ measurements: this.session.measurements.all });
    return null;
  }

  private tell(news: MeasurementNews): void {
    if ('reset' in news) this.post({ type: 'measurementsReset', levels: news.reset });
    else this.post({ type: 'measurements', measurements: news.measurements });
  }

  /** Whether the model may be run and there is data to run it on, which the user is asked for. */
  private async mayRun(): Promise<boolean> {
    if (!workspace.isTrusted) {
      void window.showInformationMessage(
        l10n.t('Output errors are measured by running the model, which only a trusted workspace allows.'),
      );
      return false;
    }
    if (this.document.recipe.calibration === null) await askData(this.document, this.inputNames);
    return this.document.recipe.calibration !== null;
  }

  /** Sends what changed, once per turn of the event loop however much did. */
  private update(): void {
    if (this.scheduled || !this.ready) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.flush();
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
      data: session.data,
      notices: this.notices(),
      exporting: session.exporting,
      report: session.report,
      trusted: workspace.isTrusted,
    };
  }

  private notices(): Notice[] {
    const { document, session } = this;
    const notices: Notice[] = [];
    const open = { id: 'open', label: l10n.t('Open Recipe') };
    if (document.conflicting)
      notices.push({
        id: 'conflict',
        severity: 'warning',
        text: l10n.t('The saved recipe was changed on disk while you have unsaved choices.'),
        actions: [
          { id: 'load', label: l10n.t('Load From Disk') },
          { id: 'keep', label: l10n.t('Keep Mine') },
        ],
      });
    if (document.problem)
      notices.push({ id: 'recipe', severity: 'warning', text: document.problem, actions: [open] });
    const unknown = session.inspection ? unknownLayers(document.recipe, session.inspection.layers) : [];
    if (unknown.length > 0)
      notices.push({
        id: 'unknown',
        severity: 'warning',
        text:
          unknown.length === 1
            ? l10n.t('The recipe does not fit this model: {0}', unknown[0]!.message)
            : l10n.t(
                'The recipe does not fit this model: {0} layers are unknown, the first is "{1}".',
                unknown.length,
                unknown[0]!.path[1]!,
              ),
        actions: [open, { id: 'remove', label: l10n.t('Remove Unknown Layers') }],
      });
    const dismiss = { id: 'dismiss', label: l10n.t('Dismiss') };
    if (session.analysisFailure)
      notices.push({
        id: 'analysis',
        severity: 'error',
        text: session.analysisFailure,
        actions: [{ id: 'restart', label: l10n.t('Restart Analysis') }, dismiss],
      });
    if (session.jobFailure)
      notices.push({
        id: 'job',
        severity: 'error',
        text: session.jobFailure,
        actions: [dismiss],
      });
    return notices;
  }

  /** Only what is named here can be asked for by the webview. */
  private noticeActions(): Record<string, () => unknown> {
    const { document, session } = this;
    const openRecipe = () => commands.executeCommand('vscode.open', document.recipeUri);
    return {
      'conflict.load': () => document.revert(),
      'conflict.keep': () => document.keepChoices(),
      'recipe.open': openRecipe,
      'unknown.open': openRecipe,
      'unknown.remove': () => {
        const unknown = unknownLayers(document.recipe, session.inspection?.layers ?? []);
        const names = unknown.map((problem) => problem.path[1]!);
        const recipe = withLayerActivations(withScheme(document.recipe, names, null), names, null);
        document.edit(l10n.t('Remove unknown layers'), recipe);
      },
      'analysis.restart': () => session.analyse(),
      'analysis.dismiss': () => session.dismissFailures(),
      'job.dismiss': () => session.dismissFailures(),
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

/** The webview sends texts; only schemes go further. */
function check(scheme: SchemeId): void {
  if (!isSchemeId(scheme)) throw new Error('That is no scheme.');
}

/** Values in the state are immutable, so identity tells; lists that are made anew each time are compared by content. */
function same(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && JSON.stringify(a) === JSON.stringify(b));
}
