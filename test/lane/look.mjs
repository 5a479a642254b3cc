/**
 * Opens a model in the real editor and takes a picture:
 * `node test/lane/look.mjs MODEL [--theme light|dark|hc|hc-light] [--size 1440x900] [--layer NAME] [--scheme SCHEME] [--view bakeOff]
 * [--recipe FILE] [--click SELECTOR]… [--wait MS] [--scroll SELECTOR] [--out FILE]`.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { openWindow } from '../walk/Window.mjs';
import { SCREENSHOTS } from './paths.mjs';

/** Pictures of a layer, a bake-off and tips need a moment. */
const MOMENT_MS = 3000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    theme: { type: 'string', default: 'dark' },
    size: { type: 'string', default: '1440x900' },
    layer: { type: 'string' },
    // Of that layer.
    scheme: { type: 'string' },
    view: { type: 'string', default: 'weights' },
    // Saved beside the model.
    recipe: { type: 'string' },
    wait: { type: 'string', default: String(MOMENT_MS) },
    // What is clicked in the editor then, one after the other, and what is brought into view in the end.
    click: { type: 'string', multiple: true, default: [] },
    scroll: { type: 'string' },
    out: { type: 'string', default: join(SCREENSHOTS, 'look.png') },
  },
});
const [width, height] = values.size.split('x').map(Number);
const folder = await mkdtemp(join(tmpdir(), 'quantscope-look-'));
const file = basename(positionals[0]);
await copyFile(positionals[0], join(folder, file));
if (values.recipe) await copyFile(values.recipe, join(folder, `${file}.quant.json`));
const window = await openWindow({
  folder,
  theme: /** @type {'dark'} */ (values.theme),
  size: { width, height },
});
const { editor } = window;
try {
  await window.openFromExplorer(file);
  await window.analysed();
  if (values.layer) {
    await editor.getByLabel('Filter layers').fill(values.layer);
    await editor.locator('[data-row="0"] [data-column="name"]').click();
    await editor.getByLabel('Filter layers').fill('');
  }
  if (values.scheme) await editor.getByLabel('Scheme of the shown layer').selectOption(values.scheme);
  await editor.locator(`[data-tab="${values.view}"]`).click();
  for (const selector of values.click) await editor.locator(selector).first().click();
  await window.page.waitForTimeout(Number(values.wait));
  if (values.scroll)
    await editor
      .locator(values.scroll)
      .first()
      .evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await window.page.screenshot({ path: values.out });
  console.log(values.out);
} finally {
  await window.close();
  await rm(folder, { recursive: true, force: true });
}
