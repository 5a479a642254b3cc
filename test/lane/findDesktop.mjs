import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CACHE } from './paths.mjs';

/** A download that brings nothing for so long is given up. */
const PATIENCE_MS = 5000;

/**
 * The program of a desktop VS Code that can show a window here: one that is named, else that of `code` on the path.
 * @returns {string | null}
 */
export function findDesktop() {
  const named = process.env['QUANTSCOPE_VSCODE'];
  if (named) return programOf(named) ?? named;
  if (!hasDisplay()) return null;
  const command = process.platform === 'win32' ? 'code.cmd' : 'code';
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const script = folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
  return script ? programOf(script) : null;
}

/**
 * A desktop VS Code that @vscode/test-electron has downloaded, or can, within seconds of silence.
 * @returns {Promise<string | null>}
 */
export async function downloadDesktop() {
  if (!hasDisplay()) return null;
  const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
  const options = { cachePath: CACHE, timeout: PATIENCE_MS, reporter: new SilentReporter() };
  return downloadAndUnzipVSCode(options).catch(() => null);
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/**
 * The program behind the script `code`. The script starts it and leaves: nobody would see how it ends, nor end it.
 * @param {string} script
 * @returns {string | null} null for a script of another kind, such as that of a remote window
 */
function programOf(script) {
  const bin = existsSync(script) ? join(realpathSync(script), '..') : script;
  const programs = {
    linux: ['../code'],
    darwin: ['../../../MacOS/Code', '../../../MacOS/Electron'],
    win32: ['../Code.exe'],
  };
  const candidates = programs[/** @type {keyof typeof programs} */ (process.platform)] ?? [];
  return candidates.map((path) => join(bin, path)).find((path) => existsSync(path)) ?? null;
}
