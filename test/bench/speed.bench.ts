/**
 * Time of a run in onnxruntime when weights alone are quantized, against float: four MatMul of 2048 x 2048 for one row, on one
 * thread. All models are loaded first and run in turn, so that each ratio is of one stretch of time.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportModel } from '../../src/client/exportModel';
import { EMPTY_RECIPE } from '../../src/core/recipe/recipe';
import { InferenceSession, Tensor } from '../../src/engine/runtime/onnxruntime.mjs';
import { bytesOf, floats, model, node, value } from '../fixtures/onnx/builder';
import { Table } from './Table';

const SIZE = 2048;
const LAYERS = 4;
const ROUNDS = 40;
const SCHEMES = [
  ...['int8', 'int8/block32', 'uint8', 'int4', 'int4/block32', 'uint4/block32', 'int3', 'int16'],
  ...[
    'fp8e4m3',
    'fp8e5m2',
    'fp4/block32',
    'mxfp4',
    'nf4/block32',
    'log4',
    'codebook4',
    'vq2x256',
    'binary',
    'bf16',
    'fp16',
  ],
];

function matrices(): Uint8Array {
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  const weight = (i: number) =>
    floats(`w${i}`, [SIZE, SIZE], Float32Array.from({ length: SIZE * SIZE }, random));
  const indices = Array.from({ length: LAYERS }, (_, i) => i);
  return bytesOf(
    model(
      {
        nodes: indices.map((i) => node('MatMul', [`x${i}`, `w${i}`], `x${i + 1}`)),
        inputs: [value('x0', [1, SIZE])],
        outputs: [value(`x${LAYERS}`, [1, SIZE])],
        initializers: indices.map(weight),
      },
      { opset: 21, ir: 10 },
    ),
  );
}

export async function benchSpeed(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-bench-'));
  const source = join(folder, 'float.onnx');
  writeFileSync(source, matrices());
  const sessions = new Map<string, InferenceSession>();
  try {
    const load = (path: string) =>
      InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    sessions.set('float', await load(source));
    for (const scheme of SCHEMES) {
      const output = join(folder, `${scheme.replaceAll('/', '-')}.onnx`);
      const recipe = { ...EMPTY_RECIPE, default: scheme };
      await exportModel(
        { path: source, output, recipe, verify: false, overwrite: true, cache: null },
        { worker: join('dist', 'worker.js'), silenceMs: 600_000 },
      );
      sessions.set(scheme, await load(output));
      rmSync(output);
    }
    const feeds = { x0: new Tensor('float32', new Float32Array(SIZE).fill(0.1), [1, SIZE]) };
    const times = new Map([...sessions.keys()].map((name) => [name, [] as number[]]));
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, session] of sessions) {
        const start = performance.now();
        await session.run(feeds);
        if (round > 0) times.get(name)!.push(performance.now() - start);
      }
    // The fastest run: other programs only ever add to it.
    const fastest = (name: string) => Math.min(...times.get(name)!);
    const table = new Table(`${LAYERS} MatMul ${SIZE}², batch 1, one thread`, 'ms', 'of float');
    for (const name of sessions.keys())
      table.add(name, fastest(name).toFixed(2), (fastest(name) / fastest('float')).toFixed(2));
    console.log(`${table.toString()}\n`);
  } finally {
    for (const session of sessions.values()) await session.release();
    rmSync(folder, { recursive: true, force: true });
  }
}
