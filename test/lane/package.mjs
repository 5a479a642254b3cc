/** `npm run package [-- --target linux-x64]`: a VSIX for one platform, with that platform's onnxruntime only. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { thirdPartyNotices } from './notices.mjs';
import { CACHE, ROOT } from './paths.mjs';
import { build, installPackages } from './setUp.mjs';

const FILES = ['package.nls.json', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore', 'dist', 'media'];
const BINARIES = 'onnxruntime-node/bin/napi-v6';

/** @param {string} target as VS Code names platforms */
export async function packageExtension(target) {
  const [os, arch] = target.split('-');
  const binaries = join(BINARIES, os, arch);
  if (!existsSync(join(ROOT, 'node_modules', binaries)))
    throw new Error(`onnxruntime has no binary for ${target}.`);
  // A folder of its own, so that packaging changes nothing in the repository.
  const stage = join(CACHE, 'package');
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  for (const file of FILES) await cp(join(ROOT, file), join(stage, file), { recursive: true });
  // Beside the worker, which finds it there: vsce leaves a node_modules at the top out.
  const modules = join(stage, 'dist/node_modules');
  for (const name of ['onnxruntime-node', 'onnxruntime-common'])
    await cp(join(ROOT, 'node_modules', name), join(modules, name), {
      recursive: true,
      dereference: true,
      // What runs, and no other platform's binaries.
      filter: (path) =>
        !/napi-v6|\.map$|\.d\.ts$|[\\/](esm|script|lib)([\\/]|$)/.test(path.slice(ROOT.length)),
    });
  // CUDA and TensorRT would be downloaded by whoever has such a GPU; they are not what we run.
  await cp(join(ROOT, 'node_modules', binaries), join(modules, binaries), {
    recursive: true,
    filter: (path) => !/providers_(cuda|tensorrt)/.test(path),
  });
  await writeManifest(stage);
  const bundled = JSON.parse(await readFile(join(ROOT, 'dist/packages.json'), 'utf8'));
  await writeFile(join(stage, 'ThirdPartyNotices.txt'), thirdPartyNotices(bundled));
  const vsix = join(ROOT, `quantscope-${target}.vsix`);
  // Not at the top: in a fresh clone it is installed by then only.
  const { createVSIX } = await import('@vscode/vsce');
  await createVSIX({
    cwd: stage,
    packagePath: vsix,
    target,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return vsix;
}

/**
 * The manifest without what only developers need; what it depends on is in the package.
 * @param {string} stage
 */
async function writeManifest(stage) {
  const whole = Object.entries(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')));
  const developers = ['private', 'scripts', 'dependencies', 'devDependencies', 'bin'];
  const manifest = Object.fromEntries(whole.filter(([field]) => !developers.includes(field)));
  await writeFile(join(stage, 'package.json'), JSON.stringify(manifest, null, 2));
}

if (process.argv[1] === import.meta.filename || process.argv[1]?.endsWith('package.mjs')) {
  const { values } = parseArgs({
    options: { target: { type: 'string', default: `${process.platform}-${process.arch}` } },
  });
  await installPackages();
  await build(['--minify']);
  console.log(await packageExtension(values.target));
}
