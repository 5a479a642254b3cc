/** The package that users get: made, installed into a bare VS Code, and opened. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { it } from 'node:test';
import { unzipSync } from 'fflate';
import { installLane } from '../lane/installLane.mjs';
import { packageExtension } from '../lane/package.mjs';
import { ROOT } from '../lane/paths.mjs';
import { run } from '../lane/processes.mjs';
import { MODELS, sampleFolder } from '../lane/sampleFolder.mjs';
import { serverFlags } from '../lane/startServer.mjs';
import { openWindow } from './Window.mjs';

it('installs from its VSIX, opens a model and exports it', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'quantscope-vsix-'));
  try {
    const vsix = await packageExtension(`${process.platform}-${process.arch}`);
    const { size } = await stat(vsix);
    assert(size > 5e6 && size < 60e6, `${size} bytes`);
    checkContents(await readFile(vsix));
    const lane = await installLane();
    const { code, output } = await run(
      lane.node,
      [lane.server, ...serverFlags(scratch), '--install-extension', vsix],
      {
        quiet: true,
      },
    );
    assert.equal(code, 0, output);
    const folder = await sampleFolder(join(scratch, 'models'), ['vad']);
    const window = await openWindow({ folder, scratch });
    try {
      await window.openFromExplorer(basename(MODELS.vad));
      await window.analysed();
      await window.editor.getByRole('button', { name: 'Export…' }).click();
      await window.answerFileName(join(folder, 'small.onnx'));
      // onnxruntime itself is in the package.
      await window.editor.getByText('Time per run').waitFor();
      await window.screenshot('vsix');
    } finally {
      await window.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
});

/**
 * All programs of the build are in the package, and the licences of what they contain.
 * @param {Uint8Array} vsix
 */
function checkContents(vsix) {
  /** @type {string[]} */
  const names = [];
  const notices = 'extension/ThirdPartyNotices.txt';
  const files = unzipSync(vsix, { filter: ({ name }) => (names.push(name), name === notices) });
  for (const program of readdirSync(join(ROOT, 'dist')).filter((name) => name.endsWith('.js')))
    assert(names.includes(`extension/dist/${program}`), `${program} is not in the package`);
  const text = Buffer.from(files[notices] ?? []).toString();
  for (const name of ['lit', 'onnxsim', 'onnxruntime-node'])
    assert(text.includes(`\n${name} `), `the notices do not name ${name}`);
}
