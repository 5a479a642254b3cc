import { Client } from '../../src/base/rpc';
import type { EditorApi } from '../../src/protocol/editorApi';
import { EditorStore } from './EditorStore';
import { page } from './styles';
import { registerToolkit } from '../components/toolkit';
import './quantscope-editor';

/** VS Code's API inside a webview. */
interface WebviewApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): WebviewApi;

registerToolkit();
document.adoptedStyleSheets.push(page.styleSheet!);
const api = acquireVsCodeApi();
const client = new Client<EditorApi>({
  post: (message) => api.postMessage(message),
  listen: (listener) => window.addEventListener('message', ({ data }) => listener(data)),
});
const store = new EditorStore(client, { load: () => api.getState(), save: (state) => api.setState(state) });
window.addEventListener('message', ({ data }) => store.receive(data));

document.querySelector('quantscope-editor')!.store = store;
store.start();
