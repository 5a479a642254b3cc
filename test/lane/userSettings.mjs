/** Settings that leave the window to our editor: no welcome, no chat, no telemetry, no questions. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const THEMES = {
  light: 'Light Modern',
  dark: 'Dark Modern',
  hc: 'Default High Contrast',
  'hc-light': 'Default High Contrast Light',
};

/**
 * @param {string} userData folder of VS Code's user data
 * @param {object} [options]
 * @param {boolean} [options.remote] VS Code's server, which keeps settings elsewhere
 * @param {keyof typeof THEMES} [options.theme] else VS Code's own choice
 * @param {boolean} [options.opensModel] whether a model opens with the window
 */
export async function writeUserSettings(userData, { remote = false, theme, opensModel = false } = {}) {
  const settings = {
    ...(theme && { 'workbench.colorTheme': THEMES[theme] }),
    'workbench.startupEditor': 'none',
    'workbench.welcomePage.walkthroughs.openOnInstall': false,
    'workbench.tips.enabled': false,
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'workbench.enableExperiments': false,
    'chat.disableAIFeatures': true,
    'chat.commandCenter.enabled': false,
    'telemetry.telemetryLevel': 'off',
    'security.workspace.trust.enabled': false,
    'update.mode': 'none',
    'extensions.ignoreRecommendations': true,
    'extensions.autoCheckUpdates': false,
    'git.enabled': false,
    // In a browser VS Code saves by itself, and nothing would ever be unsaved.
    'files.autoSave': 'off',
    'files.simpleDialog.enable': true,
    // A window shows the files it opens with before it knows of our editor, unless it is told to wait for it.
    ...(opensModel && { 'workbench.editorAssociations': { '*.onnx': 'quantscope.editor' } }),
  };
  const file = join(userData, remote ? 'Machine' : 'User', 'settings.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(settings, null, 2));
}
