import { randomBytes } from 'node:crypto';
import { Uri, type Webview } from 'vscode';

/** The page around the editor's custom element, under a policy that lets nothing in but our script and styles. */
export function webviewHtml(webview: Webview, extensionUri: Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const asset = (name: string) => webview.asWebviewUri(Uri.joinPath(extensionUri, 'dist', name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Quantscope</title>
</head>
<body>
  <quantscope-editor></quantscope-editor>
  <script nonce="${nonce}" src="${asset('webview.js')}"></script>
</body>
</html>`;
}
