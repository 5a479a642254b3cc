import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { MODELS } from './models.mjs';

/** The calibration files of a model, as a recipe names them. */
export function dataOf(folder, name) {
  return Object.fromEntries(
    MODELS[name].inputs.map((input) => [input, join(folder, name, 'calibration', input)]),
  );
}

/** Runs the built terminal program. @returns what it prints */
export function quantscope(...args) {
  return execFileSync(process.execPath, ['dist/cli.js', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  });
}
