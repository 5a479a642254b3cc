/** Second moments are the same whether they are gathered at once or in parts. */
import { serialize } from 'node:v8';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../../../src/engine/io/ContentFile';
import { openOnThread } from '../../../../src/engine/models/openOnThread';
import { OpenModels, readModel } from '../../../../src/engine/models/OpenModels';
import { emptyMoments, gatherMoments } from '../../../../src/engine/moments/gatherMoments';
import { Sensitivities } from '../../../../src/engine/sensitivity/Sensitivities';
import { ThreadPool } from '../../../../src/engine/threads/ThreadPool';
import type { LoadKernel } from '../../../../src/engine/weights/WeightKernel';
import { RuntimeModel } from '../../../../src/engine/runtime/RuntimeModel';
import { CancelledError } from '../../../../src/base/rpc';
import type { MeasurementBatch } from '../../../../src/core/measure/MeasureRequest';
import type { Measurement } from '../../../../src/core/measure/Measurement';
import { PICTURES, SamplePictures } from '../data/samplePictures';
import { startLocalOpening, startLocalThread } from '../threads/startLocalThread';
import { testKernel } from '../../../fixtures/testKernel';

const pictures = new SamplePictures();
let bind: LoadKernel;
beforeAll(async () => {
  bind = await testKernel();
}, 60_000);
afterEach(() => void vi.restoreAllMocks());
afterAll(() => pictures.remove());

describe('second moments', () => {
  // In another order than that of the files, and not all of them.
  const places = [7, 0, 3, 9, 2];

  async function gather(stops: readonly number[]) {
    const model = readModel(pictures.model);
    const gathered = await emptyMoments(bind, model, [...model.layers.keys()], {
      numbers: 2 ** 20,
      positions: 64,
    });
    const steps: number[] = [];
    for (const stop of [...stops, null])
      await gatherMoments(model, pictures.samples(), places, gathered, (done) => {
        if (done === stop) throw new CancelledError();
        steps.push(done);
        return Promise.resolve();
      }).catch((error: unknown) => expect(error).toBeInstanceOf(CancelledError));
    const states = [...gathered.layers.values()].map((each) => 'moments' in each && each.moments.state);
    // Of millions of numbers, which a comparison one by one would take long for.
    return { steps, layers: states.map((state) => sha256(serialize(state))) };
  }

  it('that were stopped and gone on with are those of one run, to the last bit', async () => {
    const whole = await gather([]);
    expect(new Set(whole.layers).size).toBe(4);
    expect(await gather([2])).toEqual(whole);
    expect(await gather([0, 1, 4])).toEqual(whole);
  });
});

describe('layer output error', () => {
  const sensitivities = () =>
    new Sensitivities(
      new OpenModels(openOnThread(startLocalOpening)),
      new ThreadPool(() => startLocalThread(bind), 2),
      { start: () => expect.unreachable(), count: 0 },
      bind,
    );

  async function measure(from: Sensitivities, stop: AbortController | null = null, stopAt = -1) {
    const found = new Map<string, Measurement>();
    const { model: path, calibration } = pictures;
    const layers = readModel(path).inspection.layers.map(({ name }) => name);
    const about = { path, level: 'layer', layers, schemes: ['int4'], calibration } as const;
    const rest = {
      shapes: {},
      activations: null,
      samples: PICTURES,
      cache: null,
      others: null,
    };
    const request = { ...about, ...rest };
    const progress = ({ measurements, done }: MeasurementBatch) => {
      for (const each of measurements) found.set(each.layer, each);
      if (done === stopAt) stop?.abort();
    };
    const { signal } = stop ?? new AbortController();
    await from.measure(request, { signal, progress });
    return found;
  }

  it('after a cancellation goes on with the samples that are missing, and is the same', async () => {
    const run = vi.spyOn(RuntimeModel.prototype, 'runTensors');
    const runs = () => run.mock.calls.splice(0).length;
    const plain = await measure(sensitivities());
    expect(runs()).toBe(PICTURES);
    const one = sensitivities();
    await expect(measure(one, new AbortController(), 4)).rejects.toThrow(CancelledError);
    expect(runs()).toBe(4);
    expect(await measure(one)).toEqual(plain);
    expect(runs()).toBe(PICTURES - 4);
    // What changed begins anew.
    pictures.paint(8, 70);
    expect(await measure(one)).not.toEqual(plain);
    expect(runs()).toBe(PICTURES);
  });

  it('that is asked for before a cancelled one has ended waits for it, and counts no sample twice', async () => {
    const run = vi.spyOn(RuntimeModel.prototype, 'runTensors');
    const plain = await measure(sensitivities());
    run.mockClear();
    const one = sensitivities();
    const cancelled = measure(one, new AbortController(), 4);
    const next = measure(one);
    await expect(cancelled).rejects.toThrow(CancelledError);
    expect(await next).toEqual(plain);
    expect(run).toHaveBeenCalledTimes(PICTURES);
  });
});
