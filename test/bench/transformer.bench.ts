/**
 * Time of a transformer in onnxruntime under the forms of its products, against float: a model that is named, as
 * `npm run bench -- transformer=model.onnx`, whose inputs are `input_ids` and masks. All are loaded first and run in turn, so that each
 * ratio is of one stretch of time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportModel } from '../../src/client/exportModel';
import { EMPTY_RECIPE, type Recipe } from '../../src/core/recipe/recipe';
import { InferenceSession, Tensor } from '../../src/engine/runtime/onnxruntime.mjs';
import { Table } from './Table';

const LENGTHS = [16, 128];
const ROUNDS = 25;
const FORMS: Readonly<Record<string, Partial<Recipe>>> = {
  codes: { products: 'codes' },
  float: { products: 'float' },
  dynamic: { products: 'dynamic' },
  'int4/block32': { default: 'int4/block32', products: 'codes' },
};

/** Token ids and masks of one sentence. */
function sentence(names: readonly string[], length: number): Record<string, Tensor> {
  const ids = BigInt64Array.from({ length }, (_, i) => BigInt(1000 + ((i * 7919) % 20_000)));
  const values = (name: string) => {
    if (name === 'input_ids') return ids;
    return new BigInt64Array(length).fill(name === 'attention_mask' ? 1n : 0n);
  };
  return Object.fromEntries(names.map((name) => [name, new Tensor('int64', values(name), [1, length])]));
}

/** @param path of the model */
export async function benchTransformer(path?: string): Promise<void> {
  if (path === undefined) throw new Error('Name a model: transformer=model.onnx.');
  const folder = mkdtempSync(join(tmpdir(), 'quantscope-bench-'));
  const outputs = new Map([['source', path]]);
  try {
    for (const [form, change] of Object.entries(FORMS)) {
      const output = join(folder, `${form.replace('/', '-')}.onnx`);
      await exportModel(
        { path, output, recipe: { ...EMPTY_RECIPE, ...change }, verify: true, overwrite: true, cache: null },
        { worker: join('dist', 'worker.js'), silenceMs: 600_000 },
      );
      outputs.set(form, output);
    }
    const table = new Table('of float', ...outputs.keys());
    for (const threads of [1, 0])
      for (const length of LENGTHS) {
        const ratios = await timesOfFloat([...outputs.values()], threads, length);
        const label = `${length} tokens, ${threads === 1 ? 'one thread' : 'all threads'}`;
        table.add(label, ...ratios.map((ratio) => ratio.toFixed(2)));
      }
    console.log(`${table.toString()}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Median times of the models, divided by the first one's. */
async function timesOfFloat(paths: readonly string[], threads: number, length: number): Promise<number[]> {
  const sessions: InferenceSession[] = [];
  try {
    for (const path of paths)
      sessions.push(await InferenceSession.create(path, { intraOpNumThreads: threads, logSeverityLevel: 4 }));
    const feeds = sentence(sessions[0]!.inputNames, length);
    const times = sessions.map(() => [] as number[]);
    for (let round = 0; round < ROUNDS; round++)
      for (const [i, session] of sessions.entries()) {
        const start = performance.now();
        await session.run(feeds);
        if (round > 0) times[i]!.push(performance.now() - start);
      }
    const medians = times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]!);
    return medians.map((ms) => ms / medians[0]!);
  } finally {
    for (const session of sessions) await session.release();
  }
}
