/** `npm run bench`: all figures of speed and memory that the README and the closing notes report; `npm run bench -- memory` for some. */
import { isMainThread } from 'node:worker_threads';
import { benchKernel } from './kernel.bench';
import { benchLarge } from './large.bench';
import { benchMemory } from './memory.bench';
import { benchModels } from './models.bench';
import { benchRounding } from './rounding.bench';
import { benchRuntimes } from './runtimes.bench';
import { benchSchemes } from './schemes.bench';
import { benchSensitivity } from './sensitivity.bench';
import { benchSpeed } from './speed.bench';
import { benchTransformer } from './transformer.bench';
import { benchThreads, runBenchThread } from './threads.bench';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  kernel: benchKernel,
  threads: benchThreads,
  schemes: benchSchemes,
  models: benchModels,
  rounding: benchRounding,
  sensitivity: benchSensitivity,
  speed: benchSpeed,
  memory: benchMemory,
  large: benchLarge,
};

/** Those that need a network or a model: only when they are named, with what follows `=`. */
const ON_DEMAND: Readonly<Record<string, (option?: string) => Promise<void>>> = {
  runtimes: benchRuntimes,
  transformer: benchTransformer,
};

async function main(names: readonly string[]): Promise<void> {
  for (const each of names) {
    const [name, option] = each.split('=') as [string, string?];
    const bench = BENCHES[name] ?? ON_DEMAND[name];
    if (!bench)
      throw new Error(
        `There is no bench "${name}", only ${Object.keys({ ...BENCHES, ...ON_DEMAND }).join(', ')}.`,
      );
    await bench(option);
  }
}

const named = process.argv.slice(2);
const names = named.length > 0 ? named : Object.keys(BENCHES);
(isMainThread ? main(names) : runBenchThread()).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
