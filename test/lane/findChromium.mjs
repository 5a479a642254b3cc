import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce, installPackage } from './installOnce.mjs';
import { run } from './processes.mjs';

const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
/** Unpacks the browser, and libraries that bare containers lack, into the temporary folder. */
const UNPACK = `import chromium, { inflate } from '${PACKAGE}';
await chromium.executablePath();
await inflate('node_modules/${PACKAGE}/bin/al2023.tar.br');`;

/**
 * A Chromium, and what it needs to run: one that is named or installed, else npm's.
 * @param {import('./installLane.mjs').Lane} lane
 * @returns {Promise<{ executablePath: string, env?: Record<string, string> }>}
 */
export async function findChromium(lane) {
  const named = process.env['QUANTSCOPE_CHROMIUM'];
  const installed = named ?? INSTALLED.find((path) => existsSync(path));
  if (installed) return { executablePath: installed };
  if (process.platform !== 'linux')
    throw new Error('No Chrome was found. Install one, or name one in QUANTSCOPE_CHROMIUM.');
  const folder = await installOnce(`chromium-${VERSION}`, 'Chromium', (draft) => unpack(draft, lane));
  const executablePath = join(folder, 'unpacked/chromium');
  return { executablePath, env: await missingHere(executablePath, join(folder, 'unpacked')) };
}

/**
 * @param {string} folder
 * @param {import('./installLane.mjs').Lane} lane
 */
async function unpack(folder, lane) {
  await installPackage(folder, `${PACKAGE}@${VERSION}`);
  const TMPDIR = join(folder, 'unpacked');
  await mkdir(TMPDIR);
  const { code, output } = await run(lane.node, ['--input-type=module', '-e', UNPACK], {
    cwd: folder,
    env: { ...process.env, TMPDIR },
    quiet: true,
  });
  if (code !== 0) throw new Error(`Chromium did not unpack.\n${output}`);
}

/**
 * Environment that makes up for libraries and fonts that this system lacks.
 * @param {string} executablePath
 * @param {string} folder
 */
async function missingHere(executablePath, folder) {
  const env = /** @type {Record<string, string>} */ ({ ...process.env });
  if (!existsSync('/etc/fonts/fonts.conf')) {
    const file = join(folder, 'fonts.conf');
    await writeFile(file, `<fontconfig><dir>${join(folder, 'fonts')}</dir></fontconfig>\n`);
    env['FONTCONFIG_FILE'] = file;
  }
  const { code } = await run(executablePath, ['--version'], { quiet: true });
  if (code !== 0) env['LD_LIBRARY_PATH'] = join(folder, 'al2023/lib');
  return env;
}
