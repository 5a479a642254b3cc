/** `npm run bench`: all figures of speed and memory that the README and the closing notes report; `npm run bench -- memory` for some. */
import { isMainThread } from 'node:worker_threads';
import { benchKernel } from './kernel.bench';
import { benchLarge } from './large.bench';
import { benchMemory } from './memory.bench';
import { benchModels } from './models.bench';
import { benchSchemes } from './schemes.bench';
import { benchSensitivity } from './sensitivity.bench';
import { benchSpeed } from './speed.bench';
import { benchThreads, runBenchThread } from './threads.bench';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  kernel: benchKernel,
  threads: benchThreads,
  schemes: benchSchemes,
  models: benchModels,
  sensitivity: benchSensitivity,
  speed: benchSpeed,
  memory: benchMemory,
  large: benchLarge,
};

async function main(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const bench = BENCHES[name];
    if (!bench) throw new Error(`There is no bench "${name}", only ${Object.keys(BENCHES).join(', ')}.`);
    await bench();
  }
}

const named = process.argv.slice(2);
const names = named.length > 0 ? named : Object.keys(BENCHES);
(isMainThread ? main(names) : runBenchThread()).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
