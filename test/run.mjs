/**
 * `npm test`: sets everything up and runs every check and test. `--fast` leaves out what runs onnxruntime, whole programs
 * or an editor; `--only STEP` runs one step, and what follows `--` goes to it: `npm test -- --only unit -- -t rounds`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './lane/paths.mjs';
import { run } from './lane/processes.mjs';
import { build, installPackages } from './lane/setUp.mjs';

/** A program of a package. @param {string} path */
const bin = (path) => join(ROOT, 'node_modules', path);
/** A check's cache of files that did not change. @param {string} name */
const cache = (name) => join(ROOT, 'node_modules/.cache/quantscope', name);
const walks = readdirSync(join(ROOT, 'test/walk'))
  .filter((file) => file.endsWith('.walk.mjs'))
  .map((file) => join(ROOT, 'test/walk', file));

/** Steps without tests of their own; each counts as one. @type {Record<string, string[]>} */
const CHECKS = {
  format: [
    ...[bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn'],
    ...['--cache', '--cache-location', cache('prettier'), '.'],
  ],
  imports: [
    ...[bin('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.mjs'],
    ...['src', 'webview'],
  ],
  lint: [
    ...[bin('eslint/bin/eslint.js'), '--max-warnings=0'],
    ...['--cache', '--cache-location', cache('eslint'), '.'],
  ],
  types: [
    ...[bin('typescript/bin/tsc'), '-p', ROOT],
    ...['--incremental', '--tsBuildInfoFile', cache('tsc.json')],
  ],
};
/** @type {Record<string, string[]>} */
const FAST_TESTS = { unit: [bin('vitest/vitest.mjs'), 'run', '--project', 'unit', '--maxWorkers', '100%'] };
/** @type {Record<string, string[]>} */
const SLOW_TESTS = {
  slow: [bin('vitest/vitest.mjs'), 'run', '--project', 'slow'],
  editor: [join(ROOT, 'test/lane/runInEditor.mjs')],
  walk: ['--test', '--test-concurrency=1', '--test-reporter=spec', ...walks],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, fast: { type: 'boolean', default: false } },
});
const all = { ...CHECKS, ...FAST_TESTS, ...(values.fast ? {} : SLOW_TESTS) };
const steps = Object.entries(all).filter(([name]) => values.only === undefined || name === values.only);
if (steps.length === 0) {
  console.error(`There is no step "${values.only}"; choose one of ${Object.keys(all).join(', ')}.`);
  process.exit(2);
}

const isCheck = (/** @type {string} */ name) => Object.hasOwn(CHECKS, name);
const begin = Date.now();
await installPackages();
await build();
const checks = await Promise.all(steps.filter(([name]) => isCheck(name)).map(runStep));
const results = [...checks];
for (const step of steps.filter(([name]) => !isCheck(name))) results.push(await runStep(step));

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`\nIn ${seconds(begin)}:\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/**
 * Checks run side by side, so their output shows as a whole.
 * @param {[string, string[]]} step
 */
async function runStep([name, args]) {
  const start = Date.now();
  const check = isCheck(name);
  if (!check) console.log(`\n── ${name} ──`);
  const { code, output } = await run(process.execPath, [...args, ...positionals], {
    cwd: ROOT,
    quiet: check,
  });
  const counts = check ? { passed: code === 0 ? 1 : 0, failed: 0 } : countTests(output);
  // A runner that ran no test has failed, whatever it says.
  const ok = code === 0 && counts.passed > 0;
  if (check && !ok) console.log(output);
  console.log(`${name}: ${ok ? 'passed' : 'FAILED'} in ${seconds(start)}`);
  return { passed: counts.passed, failed: counts.failed + (!ok && counts.failed === 0 ? 1 : 0) };
}

/** @param {number} start */
function seconds(start) {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`;
}

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
