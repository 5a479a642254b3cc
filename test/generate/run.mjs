/** `npm run generate`: brings what is made from other sources up to date. A unit test checks that nothing is left to do. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from '../lane/paths.mjs';

process.chdir(ROOT);
const outfile = join(ROOT, 'dist/test/generated.mjs');
await build({
  entryPoints: ['test/generate/generated.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
});
/** @type {typeof import('./generated')} */
const { generated } = await import(pathToFileURL(outfile).href);
for (const { path, text, fresh } of await generated()) {
  if (text === fresh) continue;
  await writeFile(path, fresh);
  console.log(`${path} is up to date now.`);
}
