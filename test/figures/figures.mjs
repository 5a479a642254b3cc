/**
 * The README's table of integer exports: ours beside onnxruntime's own quantizer on the same calibration files.
 * `node test/figures/figures.mjs [--python PATH] [--only MODEL,...]` in the repository's root, after a build; PATH is a Python that has
 * onnxruntime 1.30, onnx and numpy, without which its column stays empty.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluate, testSamples } from './evaluate.mjs';
import { writeInputs } from './inputs.mjs';
import { MODELS } from './models.mjs';
import { dataOf, quantscope } from './quantscope.mjs';
import { TASKS } from './tasks.mjs';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    only: { type: 'string' },
  },
});
const names = values.only?.split(',') ?? Object.keys(MODELS);
const folder = mkdtempSync(join(tmpdir(), 'quantscope-figures-'));
try {
  writeInputs(folder, names);
  console.log('| model | what | file | of float | output SQNR | computed exactly | task |');
  console.log('|---|---|---:|---:|---:|---:|---|');
  for (const name of names) await compare(name);
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(name) {
  const { path } = MODELS[name];
  const samples = testSamples(join(folder, name));
  const float = await evaluate(name, path, path, samples);
  row(name, 'float', float, float);
  for (const [what, recipe] of recipesOf(name))
    row(name, `Quantscope, ${what}`, await evaluate(name, path, ours(name, recipe), samples), float);
  if (values.python) {
    const file = theirs(name);
    if (file) row(name, 'onnxruntime', await evaluate(name, path, file, samples), float);
  }
}

function row(model, what, { bytes, sqnrDb, exactDb, score }, float) {
  const ratio = (bytes / float.bytes).toFixed(2);
  const same = what === 'float' ? '' : 'as float';
  const db = (value) => (value === Infinity ? same : `${value.toFixed(1)} dB`);
  console.log(
    `| ${model} | ${what} | ${bytes.toLocaleString('en')} B | ${ratio} | ${db(sqnrDb)} | ${db(exactDb)} | ${(100 * score).toFixed(1)} % ${TASKS[model].name} |`,
  );
}

/**
 * The default int8 export: weights per channel, activations uint8, calibrated on the files. The same with weights of 7 bits; and both with
 * those layers in float that Quantscope proposes.
 */
function recipesOf(name) {
  const data = dataOf(folder, name);
  return ['int8', 'int8/clip2'].flatMap((scheme) => {
    const recipe = { version: 1, default: scheme, activations: 'uint8', calibration: { data } };
    const proposed = proposal(name, recipe);
    const left = new Set([...Object.keys(proposed.layers), ...Object.keys(proposed.layerActivations ?? {})]);
    return [
      [scheme, recipe],
      ...(left.size > 0 ? [[`${scheme}, ${left.size} layers in float`, proposed]] : []),
    ];
  });
}

/** The recipe with those layers in float that spoil the model's outputs most, all others quantized. */
function proposal(name, recipe) {
  const [file, proposed] = [join(folder, `${name}.json`), join(folder, `${name}.proposed.json`)];
  writeFileSync(file, JSON.stringify(recipe));
  rmSync(proposed, { force: true });
  quantscope(
    ...['sensitivity', MODELS[name].path, '--recipe', file, '--level', 'model'],
    ...['--schemes', recipe.default, '--samples', '16', '--timeout', '600', '--propose', proposed],
  );
  return JSON.parse(readFileSync(proposed, 'utf8'));
}

function ours(name, recipe) {
  const [file, out] = [join(folder, `${name}.json`), join(folder, `${name}.ours.onnx`)];
  writeFileSync(file, JSON.stringify(recipe));
  quantscope('quantize', MODELS[name].path, '-o', out, '--recipe', file, '--force');
  return out;
}

function theirs(name) {
  const out = join(folder, `${name}.theirs.onnx`);
  const inputs = MODELS[name].inputs.map((input) => `${input}=${join(folder, name, 'calibration', input)}`);
  try {
    execFileSync(values.python, ['test/figures/ort_quantize.py', MODELS[name].path, out, ...inputs], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    console.error(
      `${name}: onnxruntime's quantizer fails: ${String(error.stderr).trim().split('\n').at(-1)}`,
    );
  }
  return existsSync(out) ? out : null;
}
