/**
 * Memory and time for models of gigabytes, through the terminal program as a user runs it, beside what onnxruntime alone needs for the same
 * files. The models are made for the purpose. Memory is the sum of the peaks of all processes; pages of mapped files count.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../../src/core/report/format';
import { writeMatrices } from './largeModels';
import { peakOf, type Peak } from './peakOf';
import { Table } from './Table';

const CLI = join('dist', 'cli.js');
/** 67 MB of float32. */
const MATRIX: readonly [number, number] = [4096, 4096];

/** Loads a model by its path and runs it once, with nothing of ours. */
const ALONE = `
const { InferenceSession, Tensor } = require('onnxruntime-node');
(async () => {
  const session = await InferenceSession.create(process.argv[1], { executionProviders: ['cpu'], logSeverityLevel: 4 });
  const size = Number(process.argv[2]);
  await session.run({ x0: new Tensor('float32', new Float32Array(size).fill(1), [1, size]) });
  await session.release();
})();`;

export async function benchLarge(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'quantscope-large-'));
  const table = new Table('models of gigabytes', 'all processes', 'time');
  const add = (name: string, { bytes, seconds }: Peak) =>
    table.add(name, formatBytes(bytes), `${seconds.toFixed(1)} s`);
  try {
    await single(join(folder, 'single.onnx'), add);
    await large('4.5 GB beside the model', join(folder, 'external.onnx'), matrices(67), add);
    await large('one tensor of 500 M', join(folder, 'tensor.onnx'), [[20_000, 25_000]], add);
  } finally {
    await rm(folder, { recursive: true });
    console.log(`${table.toString()}\n`);
  }
}

function matrices(count: number): (readonly [number, number])[] {
  return Array<readonly [number, number]>(count).fill(MATRIX);
}

async function single(path: string, add: (name: string, peak: Peak) => void): Promise<void> {
  await writeMatrices(path, matrices(28), false);
  add('1.9 GB in one file: opening', await peakOf([CLI, 'inspect', path]));
  add(
    '1.9 GB in one file: weight errors, int8',
    await peakOf([CLI, 'sensitivity', path, '--schemes', 'int8']),
  );
  add(
    '1.9 GB in one file: int8 export, not verified',
    await peakOf([CLI, 'quantize', path, '-o', `${path}.out.onnx`, '--scheme', 'int8', '--no-verify']),
  );
  rmSync(path);
  rmSync(`${path}.out.onnx`);
}

async function large(
  name: string,
  path: string,
  sizes: readonly (readonly [number, number])[],
  add: (name: string, peak: Peak) => void,
): Promise<void> {
  await writeMatrices(path, sizes, true);
  const output = path.replace('.onnx', '.int8.onnx');
  add(`${name}: opening`, await peakOf([CLI, 'inspect', path]));
  add(
    `${name}: int8 export, not verified`,
    await peakOf([CLI, 'quantize', path, '-o', output, '--scheme', 'int8', '--no-verify']),
  );
  const verified = await peakOf([
    CLI,
    'quantize',
    path,
    '-o',
    output,
    '--scheme',
    'int8',
    '--force',
    '--timeout',
    '1000',
  ]);
  const inputs = String(sizes[0]![0]);
  const source = await peakOf(['-e', ALONE, path, inputs]);
  const result = await peakOf(['-e', ALONE, output, inputs]);
  add(`${name}: onnxruntime alone, source`, source);
  add(`${name}: onnxruntime alone, export`, result);
  add(`${name}: int8 export, verified`, verified);
  const beside = verified.bytes - Math.max(source.bytes, result.bytes);
  add(`${name}: ... beside onnxruntime's own need`, { ...verified, bytes: Math.max(0, beside) });
  for (const file of [path, `${path}.data`, output, `${output}.data`]) rmSync(file, { force: true });
}
