/** `npm run bench`: all figures that the README and the closing notes report. */
import { benchKernel } from './kernel.bench';
import { benchModels } from './models.bench';

async function main(): Promise<void> {
  await benchModels();
  await benchKernel();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
