/**
 * Whether exports load and run in the versions of onnxruntime that users have. Installs them from npm into a temporary folder, which takes
 * a few minutes and 2 GB, and tries each export in a process of its own: `npm run bench -- runtimes`, or `-- runtimes=FOLDER` to keep what
 * is installed for the next time.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { exportModel } from '../../src/client/exportModel';
import { EMPTY_RECIPE, type Recipe } from '../../src/core/recipe/recipe';
import { bytesOf, floats, model, node, value } from '../fixtures/onnx/builder';
import { convNet, matrixNet, residualNet } from '../fixtures/onnx/integerNets';
import { Table } from './Table';

const run = promisify(execFile);

const RUNTIMES = [
  ...['1.20.1', '1.21.0', '1.22.0', '1.23.2', '1.24.3', '1.27.0', '1.30.0'].map(
    (version) => `node@${version}`,
  ),
  ...['1.20.1', '1.24.3', '1.30.0'].map((version) => `web@${version}`),
];

/** Weights that are moved before they are multiplied, at an opset with types for 4 bits. */
function movedNet(): Uint8Array {
  return bytesOf(
    model(
      {
        nodes: [
          node('Transpose', ['w'], 'turned', { perm: [1, 0] }),
          node('MatMul', ['x', 'turned'], 'h'),
          node('Transpose', ['h'], 'flipped', { perm: [0, 2, 1] }),
          node('MatMul', ['v', 'flipped'], 'z'),
          node('Transpose', ['z'], 'y', { perm: [0, 2, 1] }),
        ],
        inputs: [value('x', [2, 64, 64])],
        outputs: [value('y', [2, 64, 64])],
        initializers: [floats('w', [64, 64]), floats('v', [64, 64])],
      },
      { opset: 21, ir: 10 },
    ),
  );
}

/** A weight whose blocks lie across its memory, so that it is stored in another order and moved back. */
function upNet(): Uint8Array {
  return bytesOf(
    model(
      {
        nodes: [node('ConvTranspose', ['x', 'w'], 'y', { kernel_shape: [3, 3], strides: [3, 3] })],
        inputs: [value('x', [1, 32, 4, 4])],
        outputs: [value('y', [1, 16, 12, 12])],
        initializers: [floats('w', [32, 16, 3, 3])],
      },
      { opset: 21, ir: 10 },
    ),
  );
}

const NETS: Readonly<Record<string, { readonly bytes: () => Uint8Array; readonly dims: readonly number[] }>> =
  {
    residual: { bytes: residualNet, dims: [1, 3, 16, 16] },
    convolutions: { bytes: convNet, dims: [1, 3, 16, 16] },
    matrices: { bytes: matrixNet, dims: [2, 3, 6] },
    up: { bytes: upNet, dims: [1, 32, 4, 4] },
    moved: { bytes: movedNet, dims: [2, 64, 64] },
  };
const INTEGERS = { activations: 'uint8', calibration: 'synthetic' } as const;
const RECIPES: Readonly<Record<string, Partial<Recipe>>> = {
  int8: { default: 'int8' },
  'int8/tensor': { default: 'int8/tensor' },
  uint8: { default: 'uint8' },
  int4: { default: 'int4' },
  'int4/block16': { default: 'int4/block16' },
  'int4/block16, own opset': { default: 'int4/block16', opset: 'keep' },
  nf4: { default: 'nf4/block16' },
  QDQ: INTEGERS,
  QOperator: { ...INTEGERS, format: 'QOperator' },
};

/** Loads and runs one export; prints its first output's numbers, or what onnxruntime says. */
const TRIAL = `
const [, , runtime, path, dims] = process.argv;
process.env.ORT_DISABLE_TELEMETRY = '1';
const ort = require(runtime);
if (ort.env.wasm) ort.env.wasm.numThreads = 1;
const shape = JSON.parse(dims);
const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * i));
(async () => {
  const session = await ort.InferenceSession.create(require('node:fs').readFileSync(path), { logSeverityLevel: 4 });
  const results = await session.run({ x: new ort.Tensor('float32', data, shape) });
  console.log(JSON.stringify([...Object.values(results)[0].data]));
  process.exit(0);
})().catch((error) => { console.log(JSON.stringify(String(error.message))); process.exit(0); });
`;

export async function benchRuntimes(kept?: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-runtimes-'));
  const runtimes = resolve(kept ?? join(folder, 'installed'));
  try {
    for (const runtime of RUNTIMES) await install(runtime, runtimes);
    const table = new Table('export', ...RUNTIMES);
    const problems = new Set<string>();
    for (const [net, { bytes, dims }] of Object.entries(NETS)) {
      const source = join(folder, `${net}.onnx`);
      writeFileSync(source, bytes());
      for (const [name, recipe] of Object.entries(RECIPES)) {
        const output = join(folder, 'export.onnx');
        await exportModel(
          {
            path: source,
            output,
            recipe: { ...EMPTY_RECIPE, ...recipe },
            verify: true,
            overwrite: true,
            cache: null,
          },
          { worker: join('dist', 'worker.js'), silenceMs: 600_000 },
        );
        const results: (number[] | string)[] = [];
        for (const runtime of RUNTIMES) results.push(await attempt(runtime, runtimes, output, dims));
        const expected = results[RUNTIMES.indexOf('node@1.30.0')]!;
        const cells = [`${net} ${name}`, ...results.map((result) => compared(result, expected))];
        table.add(...cells);
        console.error(cells.join('  '));
        results.forEach((result, i) => {
          if (typeof result === 'string') problems.add(`${net} ${name}, ${RUNTIMES[i]}: ${result}`);
        });
      }
    }
    console.log([table.toString(), ...problems, ''].join('\n'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function install(runtime: string, runtimes: string): Promise<void> {
  const home = join(runtimes, runtime);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'trial.cjs'), TRIAL);
  if (existsSync(join(home, 'node_modules'))) return;
  writeFileSync(join(home, 'package.json'), '{"private":true}');
  // Without its script, which would download GPU libraries.
  const options = ['--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, `onnxruntime-${runtime}`], { cwd: home });
}

/** @returns the numbers of the first output, or why there are none */
async function attempt(
  runtime: string,
  runtimes: string,
  path: string,
  dims: readonly number[],
): Promise<number[] | string> {
  const home = join(runtimes, runtime);
  const name = `onnxruntime-${runtime.split('@')[0]!}`;
  try {
    const { stdout } = await run(process.execPath, ['trial.cjs', name, path, JSON.stringify(dims)], {
      cwd: home,
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as number[] | string;
  } catch (error) {
    return `the process ended: ${String((error as Error).message)
      .split('\n')
      .at(-1)!}`;
  }
}

/** Noise of a result against the newest version's, in dB. */
function compared(result: number[] | string, expected: number[] | string): string {
  if (typeof result === 'string') return 'FAILS';
  if (typeof expected === 'string') return 'runs';
  const power = expected.reduce((sum, each) => sum + each * each, 0);
  const noise = expected.reduce((sum, each, i) => sum + (each - result[i]!) ** 2, 0);
  return noise === 0 ? 'same' : `${(10 * Math.log10(power / noise)).toFixed(0)} dB`;
}
