/** The recipe and the source must not be lost when a model is saved under another name. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, it } from 'node:test';
import { MODELS, sampleFolder } from '../lane/sampleFolder.mjs';
import { openWindow } from './Window.mjs';

const file = basename(MODELS.cls);
/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof openWindow>>} */
let window;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantscope-recipe-'));
  await sampleFolder(folder, ['cls']);
  window = await openWindow({ folder });
});
after(async () => {
  await window?.close();
  await rm(folder, { recursive: true, force: true });
});

it('exports with Save As, and saves the recipe as well', async () => {
  const source = await readFile(join(folder, file));
  const output = join(folder, 'saved-as.onnx');
  await window.openFromExplorer(file);
  await window.analysed();
  await window.editor.locator('[data-row="1"] [data-scheme="log4"]').click();
  await window.page.locator('.tab.active.dirty').waitFor();
  await window.command('File: Save As...');
  await window.answerFileName(output);
  await window.page.locator('.tab.active', { hasText: 'saved-as.onnx' }).waitFor();
  await window.editor.locator('.cell.fixed').first().waitFor();
  await window.editor.getByText('Model output error (SQNR) on synthetic inputs').waitFor();
  await window.screenshot('saved-as');
  assert(existsSync(output));
  assert.deepEqual(await readFile(join(folder, file)), source);
  const recipe = JSON.parse(readFileSync(join(folder, `${file}.quant.json`), 'utf8'));
  assert.deepEqual(recipe.layers, { 'p2o.Conv.1': 'log4' });
});

it('refuses to save over the source, and says so', async () => {
  const source = await readFile(join(folder, file));
  await window.command('View: Close All Editors');
  await window.openFromExplorer(file);
  await window.analysed();
  await window.editor.getByRole('button', { name: 'Export…' }).click();
  await window.answerFileName(join(folder, file));
  // VS Code asks whether to replace the file; the extension refuses all the same.
  const replace = window.page
    .locator('.monaco-dialog-box button, .monaco-dialog-box .monaco-button', { hasText: /Replace|Yes|OK/ })
    .first();
  await replace.click({ timeout: 5000 }).catch(() => window.page.keyboard.press('Enter'));
  await window.editor.getByRole('alert').getByText('The source model is never overwritten').waitFor();
  assert.deepEqual(await readFile(join(folder, file)), source);
});
