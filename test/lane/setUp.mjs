/** From a fresh clone to something that runs. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { npm, run } from './processes.mjs';

/** Installs the packages unless they are as the lock file says. */
export async function installPackages() {
  const lock = join(ROOT, 'package-lock.json');
  // npm writes this file last, so that it is missing after an interrupted install.
  const installed = join(ROOT, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing packages…');
  await npm(['ci'], ROOT);
}

/** @param {string[]} [flags] */
export async function build(flags = []) {
  console.log('Building…');
  const { code } = await run(process.execPath, [join(ROOT, 'esbuild.mjs'), ...flags], { cwd: ROOT });
  if (code !== 0) throw new Error('The build failed.');
}
