/** Everyday work by mouse and keyboard, on real models in a real VS Code: open, look, choose, undo, save, export, verify. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { InferenceSession } from '../../src/engine/runtime/onnxruntime.mjs';
import { MODELS, sampleFolder } from '../lane/sampleFolder.mjs';
import { openWindow } from './Window.mjs';

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof openWindow>>} */
let window;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantscope-walk-'));
  await sampleFolder(folder, ['cls', 'vad']);
  window = await openWindow({ folder });
});
after(async () => {
  await window?.close();
  await rm(folder, { recursive: true, force: true });
});

for (const name of /** @type {const} */ (['cls', 'vad'])) {
  describe(basename(MODELS[name]), () => {
    const file = basename(MODELS[name]);
    const layers = name === 'cls' ? 54 : 16;
    const recipeFile = () => join(folder, `${file}.quant.json`);
    const recipe = () => JSON.parse(readFileSync(recipeFile(), 'utf8'));
    const heat = (/** @type {number} */ row, /** @type {string} */ scheme) =>
      window.editor.locator(`[data-row="${row}"] [data-scheme="${scheme}"]`);
    const figure = (/** @type {string} */ id) =>
      window.editor.locator(`[data-figure="${id}"] .amount`).innerText();
    const chosen = (/** @type {number} */ row) =>
      window.editor.locator(`[data-row="${row}"] .heat.chosen`).getAttribute('data-scheme');

    it('opens by right-click and analyses every layer', async () => {
      await window.openFromExplorer(file);
      await window.analysed();
      assert.equal(
        await window.editor.locator('layer-grid [role="grid"]').getAttribute('aria-rowcount'),
        String(layers + 2),
      );
      assert.match(await figure('size'), /→ \d/);
      await window.screenshot(`${name}-dark`);
    });

    it('takes another default; size and worst layer follow', async () => {
      const size = await figure('size');
      await window.editor.getByLabel('Default scheme').selectOption('binary');
      await window.editor.locator('[data-row="0"] [data-scheme="binary"].chosen').waitFor();
      assert.notEqual(await figure('size'), size);
      const worst = await figure('worst');
      await window.editor.getByLabel('Default scheme').selectOption('int8');
      await window.editor.locator('[data-row="0"] [data-scheme="int8"].chosen').waitFor();
      assert.equal(await figure('size'), size);
      assert.notEqual(await figure('worst'), worst);
    });

    it('chooses a scheme by a click in the heatmap', async () => {
      await heat(1, 'int4').click();
      await window.editor.locator('[data-row="1"] [data-scheme="int4"].chosen').waitFor();
      assert.equal(await chosen(0), 'int8');
    });

    it('moves and chooses by keyboard', async () => {
      await heat(1, 'int4').focus();
      await window.page.keyboard.press('ArrowDown');
      await window.page.keyboard.press('ArrowRight');
      await window.editor.locator('heat-tip[shown]').waitFor();
      assert.match(
        await window.editor.locator('heat-tip [role="tooltip"]').innerText(),
        /int4\/block32[\s\S]*Weight SQNR[\s\S]*dB/,
      );
      await window.page.keyboard.press('Enter');
      await window.editor.locator('[data-row="2"] [data-scheme="int4/block32"].chosen').waitFor();
    });

    it('undoes and redoes', async () => {
      await window.page.keyboard.press('Control+Z');
      await window.editor.locator('[data-row="2"] [data-scheme="int8"].chosen').waitFor();
      await window.page.keyboard.press('Control+Shift+Z');
      await window.editor.locator('[data-row="2"] [data-scheme="int4/block32"].chosen').waitFor();
    });

    it('looks inside a layer: levels, channels, errors', async () => {
      await window.editor.locator('[data-row="1"] [data-column="name"]').click();
      const detail = window.editor.locator('layer-detail');
      await detail.locator('value-histogram canvas').waitFor();
      await detail.locator('channel-strip canvas').focus();
      await window.page.keyboard.press('Home');
      await detail.locator('value-histogram .legend', { hasText: '16 levels' }).waitFor();
      await detail.getByRole('button', { name: 'All', exact: true }).click();
      await detail.locator('scheme-select select').selectOption('binary');
      await window.editor.locator('[data-row="1"] [data-scheme="binary"].chosen').waitFor();
      await window.page.keyboard.press('Control+Z');
      await window.editor.locator('[data-row="1"] [data-scheme="int4"].chosen').waitFor();
    });

    it('chooses for a selection and filters', async () => {
      await window.editor.locator('[data-row="3"] [data-column="name"]').click();
      await window.editor.locator('[data-row="5"] [data-column="name"]').click({ modifiers: ['Shift'] });
      await window.editor.getByRole('group', { name: 'Selected layers' }).waitFor();
      await window.editor.getByLabel('Scheme of the selected layers').selectOption('uint8');
      for (const row of [3, 4, 5])
        await window.editor.locator(`[data-row="${row}"] [data-scheme="uint8"].chosen`).waitFor();
      await window.editor.getByLabel('Filter layers').fill('uint8');
      await window.editor.getByText(`3 of ${layers} layers`).waitFor();
      await window.editor.getByLabel('Filter layers').fill('');
    });

    it('saves the recipe with Ctrl+S', async () => {
      await window.page.keyboard.press('Control+S');
      await window.until(() => existsSync(recipeFile()) && Object.keys(recipe().layers).length === 5);
      const { version, default: scheme, layers: saved } = recipe();
      assert.deepEqual(
        [version, scheme, Object.values(saved).sort()],
        [1, 'int8', ['int4', 'int4/block32', 'uint8', 'uint8', 'uint8']],
      );
    });

    it('exports, runs and compares; the file loads', async () => {
      const source = await readFile(join(folder, file));
      const output = join(folder, `${name}.small.onnx`);
      await window.editor.getByRole('button', { name: 'Export…' }).click();
      await window.answerFileName(output);
      const report = window.editor.getByRole('region', { name: 'Export' });
      await report.waitFor();
      const text = await report.innerText();
      assert.match(text, /Model output error \(SQNR\) on synthetic inputs/);
      assert.match(text, /Time per run/);
      await window.screenshot(`${name}-report`);
      assert.deepEqual(await readFile(join(folder, file)), source, 'the source is as it was');
      assert(existsSync(output));
      assert(readFileSync(output).length < 0.5 * source.length);
      const session = await InferenceSession.create(output);
      assert(session.outputNames.length > 0);
    });

    it('opens the exported model and leaves it alone', async () => {
      await window.editor.getByRole('button', { name: 'Open Exported Model' }).click();
      await window.page.locator('.tab.active', { hasText: `${name}.small.onnx` }).waitFor();
      await window.editor.locator('.cell.fixed').first().waitFor();
      assert.equal(await window.editor.locator('.heat.chosen').count(), 0);
      await window.command('View: Close All Editors');
    });
  });
}
