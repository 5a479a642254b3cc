/** Builds everything into dist/: extension, worker, terminal program, webview, kernel, and the programs of the tests. */
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { context } from 'esbuild';
import { engineVersion } from './src/engine/io/engineVersion.mjs';
import { buildKernel } from './src/kernel/build.mjs';
import { packagesOf } from './test/lane/notices.mjs';

const watch = process.argv.includes('--watch');
const suites = readdirSync('test/editor')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `test/editor/${file}`);

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  outdir: 'dist',
  target: 'node20',
  platform: 'node',
  format: 'cjs',
  sourcemap: true,
  metafile: true,
  minify: process.argv.includes('--minify'),
  // While watching, that of the sources at the start.
  define: { ENGINE_VERSION: JSON.stringify(engineVersion('src')) },
  // While watching, also when a build begins and ends: VS Code's task waits for that.
  logLevel: watch ? 'info' : 'warning',
  // Some packages' CommonJS form cannot be bundled.
  mainFields: ['module', 'main'],
  // onnxruntime-node brings native libraries, so it stays a package of its own.
  external: ['vscode', 'onnxruntime-node', 'mocha'],
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  {
    ...common,
    entryPoints: {
      extension: 'src/extension.ts',
      worker: 'src/worker/worker.ts',
      thread: 'src/worker/thread.ts',
      variantThread: 'src/worker/variantThread.ts',
      watchdog: 'src/worker/watchdog.ts',
      opening: 'src/worker/opening.ts',
      cli: 'src/cli.ts',
    },
  },
  {
    ...common,
    entryPoints: { webview: 'webview/app/main.ts' },
    platform: 'browser',
    target: 'chrome128',
    format: 'iife',
    loader: { '.css': 'text' },
  },
  { ...common, entryPoints: suites, outdir: 'dist/test/editor' },
  { ...common, entryPoints: { bench: 'test/bench/index.ts' }, outdir: 'dist/test' },
];

await buildKernel('dist/kernel.wasm');
// Its loader looks for it beside the bundle.
copyFileSync('node_modules/onnxsim/onnxsim.wasm', 'dist/onnxsim.wasm');
const contexts = await Promise.all(bundles.map((options) => context(options)));
if (watch) {
  await Promise.all(contexts.map((built) => built.watch()));
  console.log('Watching for changes; the kernel is built once.');
} else {
  const results = await Promise.all(contexts.map((built) => built.rebuild()));
  // Whose licences go into the package: of what is in its own two bundles, not in those of the tests.
  const packages = results.slice(0, 2).flatMap(({ metafile }) => packagesOf(metafile));
  writeFileSync('dist/packages.json', JSON.stringify([...new Set(packages)].sort()));
  await Promise.all(contexts.map((built) => built.dispose()));
}
