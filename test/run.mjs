/**
 * `npm test`: sets everything up and runs every check and test. `--only STEP` runs one; what follows `--` goes to it:
 * `npm test -- --only unit -- -t rounds`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './lane/paths.mjs';
import { run } from './lane/processes.mjs';
import { build, installPackages } from './lane/setUp.mjs';

/** A program of a package. @param {string} path */
const bin = (path) => join(ROOT, 'node_modules', path);
const walks = readdirSync(join(ROOT, 'test/walk'))
  .filter((file) => file.endsWith('.walk.mjs'))
  .map((file) => join(ROOT, 'test/walk', file));

/** @type {Record<string, string[]>} */
const STEPS = {
  format: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'],
  imports: [
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    '.dependency-cruiser.mjs',
    'src',
    'webview',
  ],
  lint: [bin('eslint/bin/eslint.js'), '--max-warnings=0', '.'],
  types: [bin('typescript/bin/tsc'), '-p', ROOT],
  unit: [bin('vitest/vitest.mjs'), 'run'],
  editor: [join(ROOT, 'test/lane/runInEditor.mjs')],
  walk: ['--test', '--test-concurrency=1', '--test-reporter=spec', ...walks],
};

/** Steps that have no tests to count. */
const CHECKS = ['format', 'imports', 'lint', 'types'];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const steps = Object.entries(STEPS).filter(([name]) => values.only === undefined || name === values.only);
if (steps.length === 0) {
  console.error(`There is no step "${values.only}"; choose one of ${Object.keys(STEPS).join(', ')}.`);
  process.exit(2);
}

await installPackages();
await build();
let passed = 0;
let failed = 0;
for (const [name, args] of steps) {
  const start = Date.now();
  console.log(`\n── ${name} ──`);
  const { code, output } = await run(process.execPath, [...args, ...positionals], { cwd: ROOT });
  const counts = countTests(output);
  // A check without tests of its own counts as one. A runner that ran none has failed, whatever it says.
  const ok = code === 0 && (CHECKS.includes(name) || counts.passed > 0);
  passed += counts.passed + (CHECKS.includes(name) && ok ? 1 : 0);
  failed += counts.failed + (!ok && counts.failed === 0 ? 1 : 0);
  console.log(`${name}: ${ok ? 'passed' : 'FAILED'} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/**
 * The summary of a runner: vitest, node:test or our suite inside VS Code.
 * @param {string} output
 */
function countTests(output) {
  // eslint-disable-next-line no-control-regex
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '');
  const number = (/** @type {RegExp} */ pattern) => Number(pattern.exec(plain)?.[1] ?? 0);
  const summary = /^\s*Tests .*$/m.exec(plain)?.[0] ?? /^(?:│ )?\d+ passed, \d+ failed$/m.exec(plain)?.[0];
  if (summary)
    return {
      passed: Number(/(\d+) passed/.exec(summary)?.[1] ?? 0),
      failed: Number(/(\d+) failed/.exec(summary)?.[1] ?? 0),
    };
  return { passed: number(/^ℹ pass (\d+)/m), failed: number(/^ℹ fail (\d+)/m) };
}
