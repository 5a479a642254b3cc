/** `npm start`: sets everything up and opens an editor with the extension on a folder of real models. */
import { join } from 'node:path';
import { findDesktop } from './findDesktop.mjs';
import { installLane } from './installLane.mjs';
import { CACHE, ROOT } from './paths.mjs';
import { start } from './processes.mjs';
import { sampleFolder } from './sampleFolder.mjs';
import { build, installPackages } from './setUp.mjs';
import { startServer } from './startServer.mjs';
import { writeUserSettings } from './userSettings.mjs';

const NEXT = `Right-click a model in the Explorer and choose "Quantize Model…", or just click it.
Ctrl+C ends everything.`;

await installPackages();
await build();
const folder = await sampleFolder();
const desktop = findDesktop();
if (desktop) await startDesktop(desktop);
else await startLane();

/** @param {string} command */
async function startDesktop(command) {
  const userData = join(CACHE, 'desktop');
  await writeUserSettings(userData);
  const args = [`--extensionDevelopmentPath=${ROOT}`, '--user-data-dir', userData, '--wait', folder];
  const child = start(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  console.log(`\nVS Code opens on ${folder}.\n${NEXT}`);
  child.once('exit', (code) => process.exit(code ?? 0));
}

async function startLane() {
  const lane = await installLane();
  const server = await startServer(lane, { scratch: join(CACHE, 'start') });
  const address = server.address(folder, [
    ['extensionDevelopmentPath', ROOT],
    ['openFile', join(folder, 'ch_ppocr_mobile_v2.0_cls_infer.onnx')],
  ]);
  console.log(`\nQuantscope is ready. Open this address in a browser:\n\n  ${address}\n\n${NEXT}`);
}
