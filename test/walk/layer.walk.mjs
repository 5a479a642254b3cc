/** What a user does with one layer: tunes its scheme, drags the clip marks, compares all schemes, looks at vector codebooks. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
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
  folder = await mkdtemp(join(tmpdir(), 'quantscope-layer-'));
  await sampleFolder(folder, ['cls']);
  window = await openWindow({ folder });
  await window.openFromExplorer(file);
  await window.analysed();
});
after(async () => {
  await window?.close();
  await rm(folder, { recursive: true, force: true });
});

const detail = () => window.editor.locator('layer-detail');
const option = (/** @type {string} */ id) => detail().locator(`[data-option="${id}"] :is(select, input)`);
/** The scheme that the layer in view has. */
const scheme = () => detail().locator('scheme-select select').inputValue();
const fact = (/** @type {string} */ name) =>
  detail().locator('layer-facts tr', { hasText: name }).locator('td').innerText();
const schemeIs = (/** @type {RegExp} */ pattern) => window.until(async () => pattern.test(await scheme()));

it('changes a scheme option by option; figures follow', async () => {
  await option('bits').selectOption('4');
  await schemeIs(/^int4$/);
  const bits = await fact('Bits per weight');
  await option('granularity').selectOption('block');
  await schemeIs(/^int4\/block32$/);
  await option('block').fill('16');
  await window.until(async () => (await fact('Bits per weight')) !== bits);
  assert.match(
    await fact('Bits per weight'),
    /^6\.37/,
    'four bits, and two 32-bit scales for the 27 weights of a channel',
  );
  await option('block').press('Enter');
  await schemeIs(/^int4\/block16$/);
  assert.match(await fact('Entropy coded'), /^\d\.\d\d bits/);
});

it('refuses a block size that there is not, and keeps the scheme', async () => {
  await option('block').fill('7');
  await option('block').press('Enter');
  await window.until(async () => (await option('block').inputValue()) === '16');
  assert.equal(await scheme(), 'int4/block16');
});

it('drags a clip mark: levels and error follow, and one undo takes it back', async () => {
  await option('granularity').selectOption('tensor');
  await schemeIs(/^int4\/tensor$/);
  const mark = detail().locator('clip-marks [data-end="upper"]');
  await mark.waitFor();
  const error = await fact('Weight SQNR');
  const box = await mark.boundingBox();
  assert(box);
  await window.page.mouse.move(box.x + box.width / 2, box.y + 10);
  await window.page.mouse.down();
  await window.page.mouse.move(box.x - 30, box.y + 10, { steps: 6 });
  // While the mark is held, the figures follow already, and nothing is chosen.
  await window.until(async () => (await fact('Weight SQNR')) !== error);
  assert.notEqual(await fact('Clipped weights'), '0');
  await window.page.mouse.up();
  await schemeIs(/^int4\/tensor\/clip0\.\d+$/);
  await window.screenshot('layer-clipped');
  await window.page.keyboard.press('Control+Z');
  await schemeIs(/^int4\/tensor$/);
  assert.equal(await fact('Weight SQNR'), error);
});

it('moves a clip mark by keyboard', async () => {
  await detail().locator('clip-marks [data-end="upper"]').focus();
  await window.page.keyboard.press('Shift+ArrowLeft');
  await schemeIs(/^int4\/tensor\/clip0\.9$/);
  await window.page.keyboard.press('ArrowLeft');
  await schemeIs(/^int4\/tensor\/clip0\.89$/);
});

it('compares all schemes against theory, and a click chooses one', async () => {
  await detail().getByRole('tab', { name: 'Bake-off' }).click();
  const chart = detail().locator('bake-off-chart');
  await chart.locator('.curve.shannon').waitFor();
  // Once all have been measured, none is missing but those with more bits than are shown.
  await window.until(async () => (await detail().locator('bake-off .end').innerText()) === '');
  assert((await chart.locator('.point').count()) > 35);
  await chart.locator('[data-scheme="nf4/block32"]').focus();
  await window.page.keyboard.press('ArrowRight');
  assert.match(await chart.locator('.spot').innerText(), /bits, .* dB/);
  // Marks may lie over each other: the nearest one is meant.
  const box = await chart.locator('[data-scheme="ternary"] .mark').boundingBox();
  assert(box);
  await window.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await schemeIs(/^ternary$/);
  await chart.locator('[data-scheme="ternary"].chosen').waitFor();
  await window.screenshot('layer-bake-off');
  await detail().getByLabel('As a table').check();
  await detail().locator('bake-off tr.chosen', { hasText: 'ternary' }).waitFor();
  await detail().getByLabel('As a table').uncheck();
});

it('shows the cells of a vector codebook among the pairs of weights', async () => {
  await detail().getByRole('tab', { name: 'Weights' }).click();
  await detail().locator('scheme-select select').selectOption('vq2x256');
  await option('entries').fill('16');
  await option('entries').press('Enter');
  await schemeIs(/^vq2x16$/);
  const canvas = detail().locator('vector-scatter canvas');
  await canvas.waitFor();
  await window.until(async () => /16 codebook entries/.test((await canvas.getAttribute('aria-label')) ?? ''));
  await window.screenshot('layer-vectors');
  await detail().getByRole('button', { name: 'Show histogram' }).click();
  await detail().locator('weight-histogram canvas').waitFor();
});

it('has columns for the schemes that the user asks for', async () => {
  const heads = () => window.editor.locator('layer-grid [role="columnheader"]').allInnerTexts();
  await window.editor.getByText(/^Heatmap: 10 schemes/).click();
  await window.editor.getByRole('button', { name: /^Low-bit schemes/ }).click();
  await window.editor.getByText(/^Heatmap: 14 schemes/).waitFor();
  await window.editor.getByLabel('Scheme of a new column').fill('int5/block64');
  await window.page.keyboard.press('Enter');
  await window.until(async () => (await heads()).some((text) => /int5/.test(text)));
  await window.editor.getByLabel('Scheme of a new column').fill('int5/blok64');
  await window.page.keyboard.press('Enter');
  await window.editor.getByText('"int5/blok64" is not a scheme').waitFor();
  await window.page.keyboard.press('Escape');
  await window.analysed();
  await window.screenshot('layer-columns');
});
