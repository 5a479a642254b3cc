/** Pictures of the editor in every theme and width, and that nothing in it sticks out. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { it } from 'node:test';
import { MODELS, sampleFolder } from '../lane/sampleFolder.mjs';
import { openWindow } from './Window.mjs';

for (const theme of /** @type {const} */ (['light', 'dark', 'hc', 'hc-light'])) {
  it(`looks right in ${theme}, wide and narrow`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quantscope-looks-'));
    await sampleFolder(folder, ['det']);
    const window = await openWindow({ folder, theme });
    /** @type {string[]} */
    const violations = [];
    window.page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text()) && message.location().url.includes('quantscope'))
        violations.push(message.text());
    });
    try {
      await window.openFromExplorer(basename(MODELS.det));
      await window.analysed();
      for (const [name, width, height] of /** @type {const} */ ([
        ['wide', 1680, 1000],
        ['medium', 1280, 800],
        ['narrow', 860, 900],
      ])) {
        await window.page.setViewportSize({ width, height });
        await window.page.waitForTimeout(400);
        await window.screenshot(`${theme}-${name}`);
        const overflow = await window.editor
          .locator('quantscope-editor')
          .evaluate((element) => element.scrollWidth - element.clientWidth);
        assert(overflow <= 0, `${name} sticks out by ${overflow} px`);
      }
      assert.deepEqual(violations, []);
    } finally {
      await window.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
}
