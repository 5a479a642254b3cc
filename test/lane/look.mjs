/** Opens a model in the real editor and takes a picture: `node test/lane/look.mjs MODEL [--theme dark] [--size 1440x900] [--out FILE] [--click SELECTOR]…`. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { openWindow } from '../walk/Window.mjs';
import { SCREENSHOTS } from './paths.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    theme: { type: 'string', default: 'dark' },
    size: { type: 'string', default: '1440x900' },
    // What is clicked in the editor first, one after the other.
    click: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: join(SCREENSHOTS, 'look.png') },
  },
});
const [width, height] = values.size.split('x').map(Number);
const folder = await mkdtemp(join(tmpdir(), 'quantscope-look-'));
const file = basename(positionals[0]);
await copyFile(positionals[0], join(folder, file));
const window = await openWindow({
  folder,
  theme: /** @type {'dark'} */ (values.theme),
  size: { width, height },
});
try {
  await window.openFromExplorer(file);
  await window.analysed();
  for (const selector of values.click) await window.editor.locator(selector).first().click();
  // Pictures of a layer and tips need a moment.
  if (values.click.length > 0) await window.page.waitForTimeout(3000);
  await window.page.screenshot({ path: values.out });
  console.log(values.out);
} finally {
  await window.close();
  await rm(folder, { recursive: true, force: true });
}
