import { spawnSync } from 'node:child_process';

/**
 * A desktop VS Code that can show a window here: one that is named, else `code` on the path.
 * @returns {string | null}
 */
export function findDesktop() {
  const named = process.env['QUANTSCOPE_VSCODE'];
  if (named) return named;
  const display = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (!display) return null;
  const command = process.platform === 'win32' ? 'code.cmd' : 'code';
  const { status } = spawnSync(command, ['--version'], { shell: process.platform === 'win32' });
  return status === 0 ? command : null;
}
