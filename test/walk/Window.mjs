/** A window of the real VS Code, as a person at mouse and keyboard sees it. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installLane } from '../lane/installLane.mjs';
import { launchBrowser } from '../lane/launchBrowser.mjs';
import { ROOT, SCREENSHOTS } from '../lane/paths.mjs';
import { startServer } from '../lane/startServer.mjs';
import { writeUserSettings } from '../lane/userSettings.mjs';

/** How VS Code marks its page in each theme. */
const THEME_CLASSES = { light: 'vs', dark: 'vs-dark', hc: 'hc-black', 'hc-light': 'hc-light' };
const PATIENCE_MS = 30_000;

/**
 * @param {object} options
 * @param {string} options.folder the workspace
 * @param {'light' | 'dark' | 'hc' | 'hc-light'} [options.theme]
 * @param {{ width: number, height: number }} [options.size]
 * @param {string} [options.scratch] with an installed extension; without one, the extension under development is used
 */
export async function openWindow({ folder, theme = 'dark', size = { width: 1440, height: 900 }, scratch }) {
  const lane = await installLane();
  const home = scratch ?? (await mkdtemp(join(tmpdir(), 'quantscope-window-')));
  const server = await startServer(lane, { scratch: home });
  const browser = await launchBrowser(lane);
  const page = await browser.newPage({ viewport: size, locale: 'en-US' });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(server.address(folder, scratch ? [] : [['extensionDevelopmentPath', ROOT]]));
  await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
  // A window in a browser takes up a theme when its setting changes, not when the window opens with it.
  await writeUserSettings(join(home, 'data'), { remote: true, theme });
  await page.locator(`.monaco-workbench.${THEME_CLASSES[theme]}`).waitFor();
  return new Window(page, async () => {
    await browser.close();
    await server.stop();
    if (!scratch) await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });
}

class Window {
  /**
   * @param {import('playwright-core').Page} page
   * @param {() => Promise<void>} close
   */
  constructor(page, close) {
    this.page = page;
    this.close = close;
  }

  /** The webview's own document, two frames deep. */
  get editor() {
    const outer = this.page.locator('iframe.webview.ready').filter({ visible: true }).last();
    return outer.contentFrame().frameLocator('iframe#active-frame');
  }

  /** @param {string} file */
  explorerRow(file) {
    return this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: file }).first();
  }

  /**
   * Right-click, then an entry of the menu.
   * @param {string} file
   */
  async openFromExplorer(file, entry = 'Quantize Model…') {
    const item = this.page.locator('.monaco-menu .action-menu-item', { hasText: entry }).first();
    // A window that has just opened does not know its extensions' entries yet, and a menu that has just opened ignores clicks.
    await this.until(async () => {
      await this.page.keyboard.press('Escape');
      await this.explorerRow(file).click({ button: 'right' });
      await item.waitFor({ timeout: 1500 }).catch(() => {});
      if (!(await item.isVisible())) return false;
      await this.page.waitForTimeout(300);
      await item.click();
      return item.waitFor({ state: 'hidden', timeout: 1500 }).then(
        () => true,
        () => false,
      );
    });
    await this.page.locator('.tab.active', { hasText: file }).waitFor();
    await this.editor.locator('layer-grid, .failure').first().waitFor();
  }

  /** Waits until every layer has its errors. */
  async analysed() {
    await this.editor.locator('.heat').first().waitFor();
    await this.editor.locator('.heat.pending').first().waitFor({ state: 'detached' });
    // The pictures of the chosen layer.
    await this.editor.locator('value-histogram canvas, .note').first().waitFor();
  }

  /**
   * Runs a command of the palette.
   * @param {string} title
   */
  async command(title) {
    await this.page.keyboard.press('F1');
    const box = this.page.locator('.quick-input-widget input').first();
    await box.waitFor();
    await box.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
  }

  /**
   * Answers the box that asks for a file name.
   * @param {string} path
   */
  async answerFileName(path) {
    const box = this.page.locator('.quick-input-widget input[type="text"]').first();
    await box.waitFor();
    // The box fills in its own proposal first, and looks at the folder of what is typed.
    await this.page.waitForFunction(
      (input) => /** @type {HTMLInputElement} */ (input).value.endsWith('.onnx'),
      await box.elementHandle(),
    );
    await box.fill(path);
    await this.page.waitForTimeout(700);
    await box.press('Enter');
  }

  /**
   * Waits for something to become true.
   * @param {() => boolean | Promise<boolean>} condition
   */
  async until(condition) {
    const start = Date.now();
    while (!(await condition())) {
      if (Date.now() - start > PATIENCE_MS) throw new Error(`Waited in vain for ${condition}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** @param {string} name */
  async screenshot(name) {
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }
}
