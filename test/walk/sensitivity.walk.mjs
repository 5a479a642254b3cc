/** The way to the layers that matter: data, errors at outputs, and layers left in float. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { sampleFolder } from '../lane/sampleFolder.mjs';
import { openWindow } from './Window.mjs';

const PATIENCE = { timeout: 120_000 };

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof openWindow>>} */
let window;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantscope-sensitivity-'));
  await sampleFolder(folder, ['mnist']);
  const recipe = join(folder, 'mnist.onnx.quant.json');
  await writeFile(recipe, (await readFile(recipe, 'utf8')).replace('"int8"', '"int4"'));
  window = await openWindow({ folder });
  await window.openFromExplorer('mnist.onnx');
  await window.analysed();
});
after(async () => {
  await window?.close();
  await rm(folder, { recursive: true, force: true });
});

const level = (/** @type {string} */ name) => window.editor.getByRole('radio', { name, exact: true });

it('says what data it found', async () => {
  await window.editor.getByLabel('Data: 100 samples', { exact: true }).click();
  const pane = window.editor.locator('data-summary');
  await pane.getByText(/100 samples of \d+ classes/).waitFor();
  await pane.getByText(/80 for ranges, 20 held out/).waitFor();
  assert.equal(await pane.getByRole('img').count(), 6);
  await window.screenshot('sensitivity-data');
  await window.page.keyboard.press('Escape');
});

it('shows the error of each layer at its own output', async () => {
  await level('Layer outputs').click();
  await window.editor.getByText(/Layer output error.*16 samples of your data/).waitFor(PATIENCE);
  await window.editor.locator('.heat.pending').first().waitFor({ state: 'detached' });
  await window.screenshot('sensitivity-layer');
});

it("shows the error of each at the model's outputs, with its interval and what it does to accuracy", async () => {
  await level('Model outputs').click();
  await window.editor.getByText(/Model output error.*16 samples of your data/).waitFor(PATIENCE);
  await window.editor.locator('.heat.pending').first().waitFor({ state: 'detached' });
  await window.editor.locator('[data-row="0"] [data-scheme="ternary"]').hover();
  const tip = window.editor.getByRole('tooltip');
  await tip.getByText(/95 %/).waitFor();
  assert.match(await tip.innerText(), /accuracy/i);
  await window.screenshot('sensitivity-model');
});

it('leaves in float what spoils most, in one edit', async () => {
  await window.editor.getByRole('button', { name: 'Leave worst in float…' }).click();
  const rows = window.page.locator('.quick-input-list .monaco-list-row');
  await rows.first().waitFor();
  await window.screenshot('sensitivity-float');
  const first = rows.first();
  if ((await first.getByRole('checkbox').getAttribute('aria-checked')) !== 'true') await first.click();
  await window.page.keyboard.press('Enter');
  await window.page.locator('.tab.active.dirty').waitFor();
  await window.command('File: Save');
  await window.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  const saved = JSON.parse(await readFile(join(folder, 'mnist.onnx.quant.json'), 'utf8'));
  assert.match(JSON.stringify([saved.layers, saved.layerActivations]), /float/);
});
