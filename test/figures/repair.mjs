/**
 * The README's table of repairs: nearest rounding, passes alone, and all together, on samples that neither fitted nor judged them.
 * `node test/figures/repair.mjs [--only MODEL,...] [--schemes LIST] [--repairs LIST]` in the repository's root, after a build; lists
 * have semicolons between them, and a scheme with a + has activations as well: `int8;int8+uint8;int4`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
    only: { type: 'string', default: Object.keys(MODELS).join(',') },
    schemes: {
      type: 'string',
      default: 'int8;int8+uint8;int4;int4/block32;int3;log4;nf4;ternary;binary',
    },
    repairs: { type: 'string', default: 'off;gptq;bias;auto' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'quantscope-repair-'));
const names = values.only.split(',');
try {
  writeInputs(folder, names);
  console.log('| model | scheme | repair | file | output SQNR | computed exactly | task | export |');
  console.log('|---|---|---|---:|---:|---:|---:|---:|');
  for (const name of names) await repairs(name);
} finally {
  rmSync(folder, { recursive: true });
}

async function repairs(name) {
  const samples = testSamples(join(folder, name));
  const { path } = MODELS[name];
  const float = await evaluate(name, path, path, samples);
  row(name, 'float', '', float, null);
  for (const scheme of values.schemes.split(';'))
    for (const repair of values.repairs.split(';')) {
      const begin = performance.now();
      const out = exported(name, scheme, repair);
      const ms = performance.now() - begin;
      row(name, scheme, repair, await evaluate(name, path, out, samples), ms);
    }
}

function exported(name, text, repair) {
  const [scheme, activations] = text.split('+');
  const [file, out] = [join(folder, `${name}.json`), join(folder, `${name}.onnx`)];
  const calibration = { data: dataOf(folder, name) };
  writeFileSync(file, JSON.stringify({ version: 1, default: scheme, activations, repair, calibration }));
  quantscope('quantize', MODELS[name].path, '-o', out, '--recipe', file, '--force', '--timeout', '900');
  return out;
}

function row(model, scheme, repair, { bytes, sqnrDb, exactDb, score }, ms) {
  const db = (value) => (value === Infinity ? '' : `${value.toFixed(1)} dB`);
  const task = `${(100 * score).toFixed(1)} % ${TASKS[model].name}`;
  const time = ms === null ? '' : `${(ms / 1000).toFixed(0)} s`;
  console.log(
    `| ${model} | ${scheme} | ${repair} | ${bytes.toLocaleString('en')} B | ${db(sqnrDb)} | ${db(exactDb)} | ${task} | ${time} |`,
  );
}
