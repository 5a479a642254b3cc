import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE } from './paths.mjs';
import { npm } from './processes.mjs';

/**
 * A folder of the cache that is filled once. It is filled under another name and renamed when it is whole, so that
 * neither an interruption nor two installations at a time leave half of one behind.
 * @param {string} name with every version in it, so that other versions get another folder
 * @param {string} what it is, for people
 * @param {(folder: string) => Promise<void>} fill
 * @returns {Promise<string>}
 */
export async function installOnce(name, what, fill) {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  console.log(`Installing ${what} from npm (once)…`);
  await mkdir(CACHE, { recursive: true });
  await removeAbandoned(name);
  const draft = join(CACHE, `${name}.${process.pid}`);
  await mkdir(draft);
  try {
    await fill(draft);
    await rename(draft, folder);
  } catch (error) {
    // Somebody else was faster: theirs is as good.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Puts one package of npm into a folder. Install scripts would compile what is not needed here.
 * @param {string} folder
 * @param {string} spec name@version
 */
export async function installPackage(folder, spec) {
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  await npm(['install', '--ignore-scripts', spec], folder);
}

/**
 * Removes what interrupted installations left.
 * @param {string} name
 */
async function removeAbandoned(name) {
  for (const entry of await readdir(CACHE)) {
    const pid = entry.startsWith(`${name}.`) ? Number(entry.slice(name.length + 1)) : NaN;
    if (pid > 0 && !isRunning(pid)) await rm(join(CACHE, entry), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
