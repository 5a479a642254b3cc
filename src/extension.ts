import { Uri, window, type ExtensionContext } from 'vscode';
import { EngineProcess } from './client/EngineProcess';
import { registerCommands } from './host/commands';
import { EditorProvider, type OpenModel } from './host/panels/EditorProvider';
import { EDITOR_TYPE } from './host/panels/editorType';
import { RecipeDiagnostics } from './host/document/RecipeDiagnostics';

/** The extension's API: the models that are open, for the in-editor tests. */
export interface QuantscopeApi {
  readonly models: readonly OpenModel[];
}

export function activate(context: ExtensionContext): QuantscopeApi {
  const log = window.createOutputChannel('Quantscope', { log: true });
  const engineOptions = {
    worker: Uri.joinPath(context.extensionUri, 'dist', 'worker.js').fsPath,
    log: (text: string) => log.warn(text),
  };
  const engine = new EngineProcess(engineOptions);
  const provider = new EditorProvider(
    context.extensionUri,
    engine,
    engineOptions,
    Uri.joinPath(context.globalStorageUri, 'sensitivity').fsPath,
  );
  context.subscriptions.push(
    log,
    provider,
    { dispose: () => engine.dispose() },
    window.registerCustomEditorProvider(EDITOR_TYPE, provider, {
      // Analyses are not lost with a hidden tab: they live in the session, and the view restores itself.
      supportsMultipleEditorsPerDocument: true,
    }),
    new RecipeDiagnostics(engine),
    ...registerCommands(provider),
  );
  return {
    get models() {
      return provider.open;
    },
  };
}
