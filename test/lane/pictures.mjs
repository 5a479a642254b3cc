/** Makes the pictures of the README and the walkthrough from the running editor: `node test/lane/pictures.mjs`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeInputs } from '../figures/inputs.mjs';
import { openWindow } from '../walk/Window.mjs';
import { ROOT } from './paths.mjs';
import { MODELS, sampleFolder } from './sampleFolder.mjs';

const folder = await mkdtemp(join(tmpdir(), 'quantscope-pictures-'));
await sampleFolder(folder, ['rec', 'det']);
writeInputs(join(folder, 'text'), ['det']);
await writeFile(
  join(folder, `${basename(MODELS.det)}.quant.json`),
  JSON.stringify({
    version: 1,
    default: 'int8',
    activations: 'uint8',
    calibration: { data: 'text/det/calibration/x' },
  }),
);
const window = await openWindow({ folder, theme: 'dark', size: { width: 1500, height: 920 } });
const shot = (/** @type {string} */ name, /** @type {object} */ options = {}) =>
  window.page.screenshot({ path: join(ROOT, 'media', `${name}.png`), ...options });
try {
  await window.openFromExplorer(basename(MODELS.rec));
  await window.analysed();
  await window.page.keyboard.press('Control+B');
  await window.editor.getByLabel('Filter layers').fill('matmul');
  await window.editor.locator('[data-row="2"] [data-scheme="int4"]').click();
  await window.editor.locator('[data-row="4"] [data-scheme="uint8"]').click();
  await window.editor.locator('[data-row="2"] [data-column="name"]').click();
  await window.editor.locator('value-histogram .legend', { hasText: 'levels' }).waitFor();
  await window.editor.getByLabel('Filter layers').fill('');
  await window.page.waitForTimeout(800);
  await shot('screenshot');
  await shot('walkthrough-choose', { clip: { x: 0, y: 150, width: 960, height: 560 } });
  await window.editor.getByRole('button', { name: 'Export…' }).click();
  await window.answerFileName(join(folder, 'small.onnx'));
  await window.editor.getByText('Time per run').waitFor();
  await shot('walkthrough-export', { clip: { x: 0, y: 60, width: 960, height: 480 } });
  await window.page.keyboard.press('Control+B');
  await window.page.waitForTimeout(500);
  await window.explorerRow(basename(MODELS.rec)).click({ button: 'right' });
  await window.page.locator('.monaco-menu .action-menu-item', { hasText: 'Quantize Model…' }).first().hover();
  await shot('walkthrough-open', { clip: { x: 0, y: 60, width: 720, height: 420 } });
  await window.page.keyboard.press('Escape');
  await window.openFromExplorer(basename(MODELS.det));
  await window.analysed();
  await window.page.keyboard.press('Control+B');
  await window.editor.getByRole('radio', { name: 'Model outputs' }).click();
  await window.editor.getByText(/16 samples of your data/).waitFor({ timeout: 600_000 });
  await window.page.waitForTimeout(800);
  await shot('sensitivity');
} finally {
  await window.close();
  await rm(folder, { recursive: true, force: true });
}
