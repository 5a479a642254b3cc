/** VS Code's server on a free port of this machine. */
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { end, start } from './processes.mjs';
import { writeUserSettings } from './userSettings.mjs';

const START_MS = 60_000;

/**
 * @param {import('./installLane.mjs').Lane} lane
 * @param {object} options
 * @param {string} options.scratch folder for user data and extensions
 * @param {boolean} [options.opensModel] whether a model opens with the window
 */
export async function startServer(lane, { scratch, opensModel }) {
  const port = await freePort();
  const data = join(scratch, 'data');
  await mkdir(join(scratch, 'extensions'), { recursive: true });
  await writeUserSettings(data, { remote: true, opensModel });
  const child = start(lane.node, [lane.server, ...serverFlags(scratch), '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // No marketplace: nothing here needs one, and windows start sooner.
    env: { ...process.env, EXTENSIONS_GALLERY: '{}' },
  });
  await listening(child);
  const authority = `127.0.0.1:${port}`;
  return {
    /**
     * Address of a window.
     * @param {string} folder
     * @param {[string, string][]} [payload] what the window is told, such as the extension under development
     */
    address(folder, payload = []) {
      const uri = (/** @type {string} */ path) => `vscode-remote://${authority}${toUriPath(path)}`;
      const entries = payload.map(([key, path]) => [key, uri(path)]);
      const query = new URLSearchParams({ folder: toUriPath(folder) });
      if (entries.length > 0) query.set('payload', JSON.stringify(entries));
      return `http://${authority}/?${query}`;
    },
    stop: () => end(child),
  };
}

/** @param {string} scratch */
export function serverFlags(scratch) {
  return [
    ...['--host', '127.0.0.1', '--without-connection-token', '--accept-server-license-terms'],
    ...['--server-data-dir', scratch, '--user-data-dir', join(scratch, 'data')],
    ...['--extensions-dir', join(scratch, 'extensions'), '--disable-telemetry', '--disable-workspace-trust'],
    // Only with this flag is a window told of an extension under development.
    '--enable-smoke-test-driver',
  ];
}

/** @param {string} path */
function toUriPath(path) {
  const plain = path.replaceAll('\\', '/');
  return plain.startsWith('/') ? plain : `/${plain}`;
}

/** @param {import('node:child_process').ChildProcess} child */
function listening(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`VS Code's server did not start.\n${output}`)), START_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (!/listening on|Web UI available/i.test(output)) return;
        clearTimeout(timer);
        resolve(undefined);
      });
    }
    child.once('exit', (code) => reject(new Error(`VS Code's server ended with code ${code}.\n${output}`)));
  });
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
