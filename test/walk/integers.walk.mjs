/** The way to a model that computes in integers: activations and data are chosen in the editor, and it is exported. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, it } from 'node:test';
import { MODELS, sampleFolder } from '../lane/sampleFolder.mjs';
import { openWindow } from './Window.mjs';

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof openWindow>>} */
let window;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantscope-integers-'));
  await sampleFolder(folder, ['cls']);
  window = await openWindow({ folder });
  await window.openFromExplorer(basename(MODELS.cls));
  await window.analysed();
});
after(async () => {
  await window?.close();
  await rm(folder, { recursive: true, force: true });
});

const activations = (/** @type {string} */ value) =>
  window.editor.getByRole('button', { name: `Activations: ${value}`, exact: true });
const entry = (/** @type {string} */ name) =>
  window.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();

it('chooses how activations are quantized, and on what', async () => {
  await activations('float').click();
  await entry('uint8/mse').click();
  await entry('synthetic').click();
  await entry('QDQ').click();
  await activations('uint8/mse').waitFor();
  await window.editor.getByLabel('Data: synthetic', { exact: true }).waitFor();
});

it('undoes that in one step, and does it again', async () => {
  await window.command('Undo');
  await activations('float').waitFor();
  await window.command('Redo');
  await activations('uint8/mse').waitFor();
});

it('exports a model that computes in integers, and says what its figures are from', async () => {
  await window.editor.getByRole('button', { name: 'Export…' }).click();
  await window.answerFileName(join(folder, 'integers.onnx'));
  const report = window.editor.getByRole('region', { name: 'Export' });
  await report.getByText(/of 54 quantized nodes compute in integers/).waitFor({ timeout: 120_000 });
  assert.match(await report.innerText(), /synthetic inputs \(random numbers, not real data\)/);
  await window.screenshot('integers-report');
});
