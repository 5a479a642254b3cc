/** `npm start`: sets everything up and opens an editor with the extension on a folder of real models. */
import { basename, join } from 'node:path';
import { findDesktop } from './findDesktop.mjs';
import { installLane } from './installLane.mjs';
import { CACHE, ROOT } from './paths.mjs';
import { start } from './processes.mjs';
import { MODELS, sampleFolder } from './sampleFolder.mjs';
import { build, installPackages } from './setUp.mjs';
import { startServer } from './startServer.mjs';
import { writeUserSettings } from './userSettings.mjs';

const NEXT = `One model opens by itself. For another, right-click it in the Explorer and choose "Quantize Model…", or click it.
Ctrl+C ends everything.`;

await installPackages();
await build();
const folder = await sampleFolder();
const model = join(folder, basename(MODELS.cls));
const desktop = findDesktop();
if (desktop) await startDesktop(desktop);
else await startLane();

/** @param {string} command VS Code's program, which lives as long as its window */
async function startDesktop(command) {
  const userData = join(CACHE, 'desktop');
  await writeUserSettings(userData, { opensModel: true });
  const args = [`--extensionDevelopmentPath=${ROOT}`, '--user-data-dir', userData, folder, model];
  const child = start(command, args, { stdio: 'ignore' });
  console.log(`\nVS Code opens on ${folder}.\n${NEXT}`);
  child.once('exit', (code) => process.exit(code ?? 0));
}

async function startLane() {
  const lane = await installLane();
  const server = await startServer(lane, { scratch: join(CACHE, 'start'), opensModel: true });
  const address = server.address(folder, [
    ['extensionDevelopmentPath', ROOT],
    ['openFile', model],
  ]);
  console.log(`\nQuantscope is ready. Open this address in a browser:\n\n  ${address}\n\n${NEXT}`);
}
