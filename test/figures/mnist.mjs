/**
 * The README's table of the labelled task: accuracy of exports of `test/mnist/mnist.onnx` on all 10,000 test digits, in onnxruntime.
 * `node test/figures/mnist.mjs` in the repository's root, after a build.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate, testSamples } from './evaluate.mjs';
import { writeInputs } from './inputs.mjs';

const MODEL = 'test/mnist/mnist.onnx';
/** Weights in the scheme of the second column; activations of the first export in uint8 as well. */
const EXPORTS = [
  ['int8 weights and activations', 'int8', 'uint8'],
  ['int8', 'int8', null],
  ['int4', 'int4', null],
  ['log4', 'log4', null],
  ['ternary', 'ternary', null],
  ['binary', 'binary', null],
];

const folder = mkdtempSync(join(tmpdir(), 'quantscope-mnist-'));
try {
  writeInputs(folder, ['mnist']);
  const samples = testSamples(join(folder, 'mnist'));
  const float = await evaluate('mnist', MODEL, MODEL, samples);
  console.log('| scheme | file | of float | right of 10,000 digits |\n|---|---:|---:|---:|');
  row('float', float);
  for (const [name, scheme, activations] of EXPORTS)
    row(name, await evaluate('mnist', MODEL, exported(scheme, activations), samples));

  function row(name, { bytes, score }) {
    console.log(
      `| ${name} | ${bytes.toLocaleString('en')} B | ${(bytes / float.bytes).toFixed(2)} | ${(100 * score).toFixed(2)} % |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}

function exported(scheme, activations) {
  const [recipe, out] = [join(folder, 'recipe.json'), join(folder, 'export.onnx')];
  const calibration = { data: join(folder, 'mnist/calibration/image') };
  const choices = { version: 1, default: scheme, ...(activations && { activations, calibration }) };
  writeFileSync(recipe, JSON.stringify(choices));
  execFileSync(process.execPath, [
    'dist/cli.js',
    'quantize',
    MODEL,
    '-o',
    out,
    '--recipe',
    recipe,
    '--force',
  ]);
  return out;
}
