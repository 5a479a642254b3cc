/** The package that users get: made, installed into a bare VS Code, and opened. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { it } from 'node:test';
import { installLane } from '../lane/installLane.mjs';
import { packageExtension } from '../lane/package.mjs';
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
