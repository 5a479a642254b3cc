import { Client } from '../src/shared/rpc';
import type { EditorApi, HostMessage } from '../src/shared/editorApi';
import { EditorStore } from './EditorStore';
import { registerToolkit } from './toolkit';
import './views/quantscope-editor';
import type { QuantscopeEditor } from './views/quantscope-editor';

/** What VS Code gives a webview's page. */
interface WebviewApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): WebviewApi;

registerToolkit();
// VS Code pads every webview; this one uses its whole tab.
const page = new CSSStyleSheet();
page.replaceSync('body { padding: 0; }');
document.adoptedStyleSheets.push(page);

const api = acquireVsCodeApi();
const client = new Client<EditorApi>({
  post: (message) => api.postMessage(message),
  listen: (listener) => window.addEventListener('message', ({ data }) => listener(data)),
});
const store = new EditorStore(client, { load: () => api.getState(), save: (state) => api.setState(state) });
window.addEventListener('message', ({ data }) => store.receive(data as HostMessage));

const editor = document.querySelector<QuantscopeEditor>('quantscope-editor')!;
editor.store = store;
void client.call('ready', null);
