/** Work on one layer: its scheme is tuned, clip marks are dragged, all schemes compared, vector codebooks looked at. */
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
/** One of the large figures above the pictures. */
const figure = (/** @type {string} */ id) =>
  detail().locator(`layer-figures [data-figure="${id}"]`).innerText();
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
  assert.match(await fact('Entropy-coded'), /^\d\.\d\d bits/);
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
  const mark = detail().locator('clip-marks [data-mark="upper"]');
  await mark.waitFor();
  const error = await fact('Weight SQNR');
  const top = (/** @type {string} */ part) =>
    detail()
      .locator(part)
      .evaluate((element) => element.getBoundingClientRect().top);
  const before = await top('layer-weights');
  const box = await mark.boundingBox();
  assert(box);
  await window.page.mouse.move(box.x + box.width / 2, box.y + 10);
  await window.page.mouse.down();
  await window.page.mouse.move(box.x - 30, box.y + 10, { steps: 6 });
  // While the mark is held, the figures follow already, and nothing is chosen.
  await window.until(async () => (await fact('Weight SQNR')) !== error);
  assert.notEqual(await fact('Clipped weights'), '0');
  assert.match(await figure('sqnr'), /dB$/);
  assert.equal(await top('layer-weights'), before, 'nothing jumps');
  assert.equal(await window.editor.locator('.row.current scheme-select select').inputValue(), 'int4/tensor');
  await window.page.mouse.up();
  await schemeIs(/^int4\/tensor\/clip0\.\d+$/);
  await window.screenshot('layer-clipped');
  await window.page.keyboard.press('Control+Z');
  await schemeIs(/^int4\/tensor$/);
  await window.until(async () => (await fact('Weight SQNR')) === error);
});

it('gives a drag up with Escape', async () => {
  const mark = detail().locator('clip-marks [data-mark="lower"]');
  const box = await mark.boundingBox();
  assert(box);
  await window.page.mouse.move(box.x + box.width / 2, box.y + 10);
  await window.page.mouse.down();
  await window.page.mouse.move(box.x + 60, box.y + 10, { steps: 4 });
  await schemeIs(/^int4\/tensor\/clip0\.\d+$/);
  await window.page.keyboard.press('Escape');
  await schemeIs(/^int4\/tensor$/);
  await window.page.mouse.up();
  assert.equal(await scheme(), 'int4/tensor');
});

it('moves a clip mark by keyboard', async () => {
  await detail().locator('clip-marks [data-mark="upper"]').focus();
  await window.page.keyboard.press('Shift+ArrowLeft');
  await schemeIs(/^int4\/tensor\/clip0\.9$/);
  await window.page.keyboard.press('ArrowLeft');
  await schemeIs(/^int4\/tensor\/clip0\.89$/);
});

it('compares all schemes against theory, and a click chooses one', async () => {
  await detail().getByRole('tab', { name: 'Bake-off' }).click();
  const chart = detail().locator('bake-off-chart');
  await chart.locator('.curve.shannon').waitFor();
  // The curves are explained when all schemes are measured.
  await detail().getByText('generalized Gaussian of shape').waitFor();
  assert.match((await chart.locator('.curve.lloyd').getAttribute('d')) ?? '', /^M.+L/);
  assert((await chart.locator('[role="option"]').count()) > 35);
  await chart.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  const place = async (/** @type {string} */ id) => {
    const box = await chart.locator(`[data-scheme="${id}"] .shape`).boundingBox();
    assert(box);
    return /** @type {const} */ ([box.x + box.width / 2, box.y + box.height / 2]);
  };
  await window.page.mouse.move(...(await place('log4')));
  assert.match(await chart.locator('.tip').innerText(), /log4[\s\S]*Bits per weight[\s\S]*Entropy-coded/);
  const [tip, around] = [await chart.locator('.tip').boundingBox(), await chart.boundingBox()];
  assert(tip && around && tip.x >= around.x && tip.x + tip.width <= around.x + around.width);
  await window.page.mouse.click(...(await place('ternary')));
  await schemeIs(/^ternary$/);
  await chart.locator('[data-scheme="ternary"][aria-selected="true"]').waitFor();
  await window.screenshot('layer-bake-off');
});

it('writes no name of the bake-off over another', async () => {
  const boxes = await detail()
    .locator('bake-off-chart text.name')
    .evaluateAll((names) => names.map((name) => name.getBoundingClientRect().toJSON()));
  assert(boxes.length > 5);
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(i + 1))
      assert(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top);
  });
});

it('chooses in the bake-off by keyboard, and in its table', async () => {
  await detail().locator('bake-off-chart [role="listbox"]').focus();
  await window.page.keyboard.press('Home');
  await window.page.keyboard.press('End');
  const last = await detail().locator('bake-off-chart [role="option"]').last().getAttribute('data-scheme');
  await window.page.keyboard.press('Enter');
  await window.until(async () => (await scheme()) === last);
  await detail().getByRole('button', { name: 'Show as table' }).click();
  await detail().locator('bake-off').getByRole('button', { name: 'nf4/block32' }).click();
  await schemeIs(/^nf4\/block32$/);
  await detail().locator('bake-off tr.chosen', { hasText: 'nf4/block32' }).waitFor();
  await detail().getByRole('button', { name: 'Show as chart' }).click();
});

it('shows the cells of a vector codebook among the pairs of weights', async () => {
  await detail().getByRole('tab', { name: 'Weights' }).click();
  await detail().locator('scheme-select select').selectOption('vq2x256');
  await option('entries').fill('16');
  await option('entries').press('Enter');
  await schemeIs(/^vq2x16$/);
  const canvas = detail().locator('vector-scatter canvas');
  await canvas.waitFor();
  await window.until(async () =>
    /cells of 16 codebook entries/.test((await canvas.getAttribute('aria-label')) ?? ''),
  );
  await window.screenshot('layer-vectors');
  await detail().getByRole('button', { name: 'Show histogram' }).click();
  await detail().locator('value-histogram canvas').waitFor();
});

it('has columns for the schemes that the user asks for', async () => {
  const column = (/** @type {string} */ id) => window.editor.locator(`.titles [data-column="${id}"]`);
  await window.editor.getByText('Columns', { exact: true }).click();
  await window.editor.getByRole('button', { name: 'Low-bit (14)' }).click();
  await column('apot4').waitFor();
  assert.equal(await column('int8').count(), 0);
  const text = window.editor.getByLabel('Add schemes to the heatmap by their text');
  await text.fill('int5/blok64');
  await window.page.keyboard.press('Enter');
  await window.editor.getByText('"int5/blok64" is not a scheme').waitFor();
  await text.fill('int5/block64');
  await window.page.keyboard.press('Enter');
  await column('int5/block64').waitFor();
  await window.editor.getByLabel('Add a scheme of the list to the heatmap').selectOption('fp8e5m2');
  await column('fp8e5m2').waitFor();
  await window.page.keyboard.press('Escape');
  await window.analysed();
  await window.screenshot('layer-columns');
});

it('keeps the columns while another tab hides the editor, and takes one out by Delete', async () => {
  await window.command('File: New Untitled Text File');
  await window.page.locator('.tab.active', { hasText: 'Untitled' }).waitFor();
  await window.page.locator('.tab', { hasText: file }).click();
  const column = window.editor.locator('.titles [data-column="fp8e5m2"]');
  await column.waitFor();
  // A tab that has just been shown takes the focus once more when it has loaded.
  await window.until(async () => {
    if ((await column.count()) > 0) await column.press('Delete');
    return (await column.count()) === 0;
  });
  await window.editor.locator('.titles [data-column="int5/block64"]').waitFor();
});
