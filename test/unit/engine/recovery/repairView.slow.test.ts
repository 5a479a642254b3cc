/** The view of one layer's repair: figures that follow from the same moments as the heatmap's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { createEngine } from '../../../../src/engine/jobs/engine';
import { toNumber } from '../../../../src/core/measure/Decibels';
import { repairedVariant, type Measurement } from '../../../../src/core/measure/Measurement';
import { testKernel } from '../../../fixtures/testKernel';
import { SamplePictures } from '../data/samplePictures';
import { createLocalEngine } from '../threads/startLocalThread';

const pictures = new SamplePictures();
let engine: ReturnType<typeof createEngine>;
beforeAll(async () => {
  engine = createLocalEngine(await testKernel());
}, 60_000);
afterAll(() => pictures.remove());

const context = () => ({ signal: new AbortController().signal, progress: () => {} });
const request = (layer: string, scheme: string) => ({
  ...{ path: pictures.model, layer, scheme, shapes: {}, samples: 64 },
  calibration: pictures.calibration,
});

describe("a layer's repair", () => {
  it('has the figures of the heatmap, and a better output for worse weights', async () => {
    const { layers } = await engine.inspect({ path: pictures.model }, context());
    const { name, channels } = layers[1]!;
    const view = await engine.repairView(request(name, 'int4'), context());
    expect(view.channelSqnrDb.nearest).toHaveLength(channels);
    expect(toNumber(view.outputSqnrDb.chosen)).toBeGreaterThan(toNumber(view.outputSqnrDb.nearest) + 3);
    expect(toNumber(view.weightSqnrDb.chosen)).toBeLessThan(toNumber(view.weightSqnrDb.nearest));
    expect(view.distances.reduce((a, b) => a + b)).toBe(view.moved);
    expect(view.moved).toBeGreaterThan(0);
    expect(view.moved).toBeLessThan(view.weights);

    const found: Measurement[] = [];
    await engine.measure(
      {
        ...{ path: pictures.model, shapes: {}, samples: 64, calibration: pictures.calibration },
        ...{ level: 'layer', layers: [name], schemes: [repairedVariant('int4')] },
        ...{ activations: null, others: null, cache: null },
      },
      { ...context(), progress: ({ measurements }) => found.push(...measurements) },
    );
    expect(found[0]!.errors[repairedVariant('int4')]!.sqnrDb).toBeCloseTo(
      toNumber(view.outputSqnrDb.chosen),
      9,
    );
  }, 60_000);

  it('says why there is none', async () => {
    const { layers } = await engine.inspect({ path: pictures.model }, context());
    const seeded = request(layers[0]!.name, 'binary/unit/stochastic7');
    await expect(engine.repairView(seeded, context())).rejects.toThrow(/is rounded to nearest/);
    await expect(engine.repairView(request('none', 'int4'), context())).rejects.toThrow(/no layer "none"/);
  }, 60_000);
});
