/** `npm run bench`: all figures that the README and the closing notes report. */
import { isMainThread } from 'node:worker_threads';
import { benchKernel } from './kernel.bench';
import { benchMemory } from './memory.bench';
import { benchModels } from './models.bench';
import { benchSchemes } from './schemes.bench';
import { benchSensitivity } from './sensitivity.bench';
import { benchThreads, runBenchThread } from './threads.bench';

async function main(): Promise<void> {
  await benchKernel();
  await benchThreads();
  await benchSchemes();
  await benchModels();
  await benchSensitivity();
  await benchMemory();
}

(isMainThread ? main() : runBenchThread()).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
