import { beforeEach, describe, expect, it } from 'vitest';
import { MeasurementStore, type MeasurementNews } from '../../../../src/host/session/MeasurementStore';
import { WeightQueue } from '../../../../src/host/session/WeightQueue';
import type { MeasurementBatch } from '../../../../src/core/measure/MeasureRequest';
import type { WeightError } from '../../../../src/core/measure/errors';
import { EMPTY_RECIPE, withScheme, type Recipe } from '../../../../src/core/recipe/recipe';
import { CancelledError } from '../../../../src/base/rpc';

const LAYERS = ['a', 'b', 'c'];
const ERROR = { sqnrDb: 1 } as WeightError;

interface Call {
  readonly schemes: readonly string[];
  readonly layer: string | null;
  readonly signal: AbortSignal;
  batch(names: readonly string[]): void;
  finish(): Promise<void>;
  fail(error: Error): Promise<void>;
}

let calls: Call[];
let news: MeasurementNews[];
let store: MeasurementStore;
let failures: unknown[];
let analyses: WeightQueue;
const owner = {};

/** Lets promises that are settled be noticed. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));
const asked = () =>
  calls.map(({ layer, schemes }) => (layer === null ? '' : `${layer}: `) + schemes.join(' '));
const recipe = (change: Partial<Recipe>): Recipe => ({ ...EMPTY_RECIPE, ...change });

beforeEach(() => {
  calls = [];
  news = [];
  failures = [];
  store = new MeasurementStore((each) => news.push(each));
  analyses = new WeightQueue(store, {
    layers: () => LAYERS,
    measure: ({ layers, schemes }, signal, onProgress: (batch: MeasurementBatch) => void) =>
      new Promise((resolve, reject) => {
        let done = 0;
        signal.addEventListener('abort', () => reject(new CancelledError()));
        const batch = (names: readonly string[]) =>
          onProgress({
            measurements: names.map((layer) => ({
              level: 'weights',
              layer,
              inputs: 'none',
              sparkline: [1],
              errors: Object.fromEntries(schemes.map((scheme) => [scheme, ERROR])),
              problem: layer === 'c' ? 'Not a number.' : null,
            })),
            done: (done += names.length),
            total: layers.length,
          });
        calls.push({
          schemes,
          layer: layers.length === 1 ? layers[0]! : null,
          signal,
          batch,
          finish: () => (resolve(null), settle()),
          fail: (error) => (reject(error), settle()),
        });
      }),
    onProgress: () => undefined,
    onFailure: (error) => failures.push(error),
  });
});

describe('the queue of weight errors', () => {
  it('waits for the model, then analyses quick schemes before slow ones', async () => {
    analyses.show(owner, ['int8', 'vq2x256', 'int4']);
    expect(calls).toEqual([]);
    analyses.restart();
    expect(asked()).toEqual(['int8 int4']);
    expect(analyses.progress).toEqual({ running: true, done: 0, total: 6 });
    calls[0]!.batch(LAYERS);
    expect(analyses.progress).toEqual({ running: true, done: 3, total: 6 });
    await calls[0]!.finish();
    expect(asked()).toEqual(['int8 int4', 'vq2x256']);
    calls[1]!.batch(LAYERS);
    await calls[1]!.finish();
    expect(analyses.progress).toEqual({ running: false, done: 6, total: 6 });
    expect(Object.keys(store.at('weights').get('a')!.errors)).toEqual(['int8', 'int4', 'vq2x256']);
  });

  it('looks at the weights even without any scheme', () => {
    analyses.follow(recipe({ default: 'float' }));
    analyses.restart();
    expect(asked()).toEqual(['']);
  });

  it('asks for new columns only, after those under way', async () => {
    analyses.show(owner, ['int8']);
    analyses.restart();
    analyses.show(owner, ['int8', 'int4']);
    expect(asked()).toEqual(['int8']);
    await calls[0]!.finish();
    expect(asked()).toEqual(['int8', 'int4']);
    await calls[1]!.finish();
    analyses.show(owner, ['int4']);
    analyses.show(owner, ['int4', 'int8']);
    expect(calls).toHaveLength(2);
    expect(news.filter((each) => 'reset' in each)).toHaveLength(1);
  });

  it('analyses a new default at once, beside the columns', () => {
    analyses.show(owner, ['int8']);
    analyses.restart();
    analyses.follow(recipe({ default: 'int8' }));
    expect(asked()).toEqual(['int8']);
    analyses.follow(recipe({ default: 'int4/block64' }));
    expect(asked()).toEqual(['int8', 'int4/block64']);
  });

  it("measures a layer's own scheme on that layer alone, once the layer is known to have one", async () => {
    analyses.show(owner, ['int8']);
    analyses.restart();
    analyses.follow(withScheme(EMPTY_RECIPE, ['a', 'c'], 'int8/clip0.8'));
    expect(asked()).toEqual(['int8']);
    calls[0]!.batch(LAYERS);
    expect(asked()).toEqual(['int8', 'a: int8/clip0.8']);
    calls[1]!.batch(['a']);
    await calls[1]!.finish();
    expect(Object.keys(store.at('weights').get('a')!.errors)).toEqual(['int8', 'int8/clip0.8']);
    expect(news.at(-1)).toMatchObject({
      measurements: [{ layer: 'a', errors: { int8: ERROR, 'int8/clip0.8': ERROR } }],
    });
  });

  it('analyses all layers where many have a scheme of their own', () => {
    analyses.restart();
    const many = Array.from({ length: 9 }, (_, i) => `layer ${i}`);
    analyses.follow(withScheme({ ...EMPTY_RECIPE, default: 'float' }, many, 'log5'));
    expect(asked()).toEqual(['', 'log5']);
  });

  it('stops when cancelled, and starts again for what is shown anew', async () => {
    analyses.show(owner, ['int8', 'vq2x256']);
    analyses.restart();
    calls[0]!.batch(['a']);
    analyses.cancel();
    await settle();
    expect(calls[0]!.signal.aborted).toBe(true);
    expect(analyses.progress).toMatchObject({ running: false, done: 1 });
    expect(failures).toEqual([]);
    expect(asked()).toEqual(['int8']);
    analyses.show(owner, ['int8', 'vq2x256', 'int4']);
    expect(asked()).toEqual(['int8', 'int4']);
    await calls[1]!.finish();
    expect(calls).toHaveLength(2);
    expect(store.at('weights').has('a')).toBe(true);
  });

  it('begins anew when restarted, and takes nothing of before', async () => {
    analyses.show(owner, ['int8']);
    analyses.restart();
    analyses.restart();
    await settle();
    expect(asked()).toEqual(['int8', 'int8']);
    calls[0]!.batch(LAYERS);
    expect(store.at('weights').size).toBe(0);
    calls[1]!.batch(LAYERS);
    expect(store.at('weights').size).toBe(3);
  });

  it('tells a failure and goes on with what is left', async () => {
    analyses.show(owner, ['int8', 'vq2x256']);
    analyses.restart();
    const fault = new Error('No.');
    await calls[0]!.fail(fault);
    expect(failures).toEqual([fault]);
    expect(asked()).toEqual(['int8', 'vq2x256']);
    await calls[1]!.finish();
    expect(analyses.progress.running).toBe(false);
  });

  it('forgets who is gone', () => {
    analyses.show(owner, ['int8']);
    analyses.forget(owner);
    analyses.restart();
    expect(asked()).toEqual(['']);
  });
});
