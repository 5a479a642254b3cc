/** Pictures of what layers read: when the model is run for them, and when not. */
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { Activations } from '../../../../src/engine/activations/Activations';
import { startLocalOpening } from '../threads/startLocalThread';
import { openOnThread } from '../../../../src/engine/models/openOnThread';
import { OpenModels } from '../../../../src/engine/models/OpenModels';
import { RuntimeModel } from '../../../../src/engine/runtime/RuntimeModel';
import type { ActivationViewRequest } from '../../../../src/core/measure/activationView';
import { CancelledError } from '../../../../src/base/rpc';
import { PICTURES, SamplePictures } from '../data/samplePictures';

const original = RuntimeModel.prototype.run;
const pictures = new SamplePictures();
let run: MockInstance;
beforeEach(() => {
  rmSync(pictures.cache, { recursive: true, force: true });
  run = vi.spyOn(RuntimeModel.prototype, 'run');
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => pictures.remove());

/** How often the model ran since the last time. */
const runs = () => run.mock.calls.splice(0).length;
/** As another process would have it. */
const another = () => new Activations(new OpenModels(openOnThread(startLocalOpening)));

function view(
  activations: Activations,
  change: Partial<ActivationViewRequest> = {},
  stop = new AbortController(),
) {
  const { model: path, calibration, cache } = pictures;
  const request = {
    path,
    layer: 'fc1',
    activations: 'uint8',
    calibration,
    shapes: {},
    samples: 8,
    bins: 64,
    cache,
  };
  const pause = () => (stop.signal.aborted ? Promise.reject(new CancelledError()) : Promise.resolve());
  return activations.view({ ...request, ...change }, stop.signal, pause);
}

describe('a picture of what a layer reads', () => {
  it('runs the model once for all layers, and not at all where another process did', async () => {
    const activations = another();
    const first = await view(activations);
    expect(first).toMatchObject({ inputs: 'data', samples: 8 });
    expect(runs()).toBe(8);
    await view(activations, { layer: 'conv2', bins: 100 });
    expect(await view(another())).toEqual(first);
    expect(runs()).toBe(0);
    await view(another(), { cache: null });
    expect(runs()).toBe(8);
  });

  it.each<
    [string, (request: ActivationViewRequest['calibration'] & object) => Partial<ActivationViewRequest>]
  >([
    ['a picture', () => (pictures.paint(0, 50), {})],
    ['the model', () => (pictures.changeModel(), {})],
    [
      'how pictures become numbers',
      (data) => ({ calibration: { ...data, image: { ...data.image, mean: [0.5] } } }),
    ],
  ])('is made anew where it is of %s that changed', async (_, change) => {
    const activations = another();
    const before = await view(activations);
    runs();
    const changed = change(pictures.calibration);
    const after = await view(activations, changed);
    expect(runs()).toBe(8);
    expect(after).not.toEqual(before);
    expect(await view(another(), { ...changed, cache: null })).toEqual(after);
  });

  it('is of random numbers by their shapes', async () => {
    const synthetic = { calibration: 'synthetic', shapes: { image: [1, 1, 28, 28] } } as const;
    const activations = another();
    const first = await view(activations, synthetic);
    runs();
    await view(activations, { ...synthetic, layer: 'fc2' });
    expect(runs()).toBe(0);
    expect(await view(another(), synthetic)).toEqual(first);
    // To find out whether the model runs with these shapes.
    expect(runs()).toBe(1);
  });

  it('that was given up leaves the rest to the next one, which may be waiting already', async () => {
    const plain = await view(another(), { samples: PICTURES, cache: null });
    runs();
    const activations = another();
    const stop = new AbortController();
    const all = { samples: PICTURES };
    const given = view(activations, all, stop);
    const waiting = view(activations, all);
    run.mockImplementation(function (this: RuntimeModel, feeds: Parameters<RuntimeModel['run']>[0]) {
      if (run.mock.calls.length === 3) stop.abort();
      return original.call(this, feeds);
    });
    await expect(given).rejects.toThrow(CancelledError);
    expect(await waiting).toEqual(plain);
    expect(runs()).toBe(PICTURES);
  });
});
