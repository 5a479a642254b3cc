import { beforeEach, describe, expect, it } from 'vitest';
import { MeasurementStore, type MeasurementNews } from '../../../../src/host/session/MeasurementStore';
import { OutputQueue, type OutputPort } from '../../../../src/host/session/OutputQueue';
import type { ModelOutputError } from '../../../../src/core/measure/errors';
import { EMPTY_RECIPE, withScheme, type Recipe } from '../../../../src/core/recipe/recipe';
import { CancelledError } from '../../../../src/base/rpc';
import type { MeasurementBatch, MeasurementSummary } from '../../../../src/core/measure/MeasureRequest';
import { LEAVE_ONE_OUT } from '../../../../src/core/measure/Measurement';

const RECIPE: Recipe = { ...EMPTY_RECIPE, calibration: 'synthetic' };
const SUMMARY: MeasurementSummary = { inputs: 'synthetic', samples: 4, stability: {}, recipe: null };
const error = (sqnrDb: number) => ({ sqnrDb, samples: 4 }) as ModelOutputError;

interface Call {
  readonly request: Parameters<OutputPort['measure']>[0];
  readonly signal: AbortSignal;
  tell(errors: Record<string, ModelOutputError>): void;
  finish(summary?: Partial<MeasurementSummary>): Promise<void>;
}

let calls: Call[];
let news: MeasurementNews[];
let store: MeasurementStore;
let sensitivity: OutputQueue;

const settle = () => new Promise<void>((resolve) => setTimeout(resolve));
const asked = () =>
  calls.map(({ request: { schemes, others } }) => [...schemes, ...(others ? ['others'] : [])]);
const errorsOf = (layer: string) => Object.keys(store.at('model').get(layer)?.errors ?? {});
const wish = (others: boolean) => ({ level: 'model', schemes: ['int8'], others }) as const;

beforeEach(() => {
  calls = [];
  news = [];
  store = new MeasurementStore((each) => void news.push(each));
  sensitivity = new OutputQueue(
    store,
    {
      measure: (request, signal, onProgress: (batch: MeasurementBatch) => void) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new CancelledError()));
          const tell = (errors: Record<string, ModelOutputError>) =>
            onProgress({
              measurements: [{ level: 'model', layer: 'a', errors, inputs: 'synthetic', problem: null }],
              done: 1,
              total: 1,
            });
          const finish = (summary = {}) => (resolve({ ...SUMMARY, ...summary }), settle());
          calls.push({ request, signal, tell, finish });
        }),
      onProgress: () => {},
      onFailure: () => {},
    },
    () => ['a'],
  );
  sensitivity.follow(RECIPE);
});

/** Has everything measured. */
async function measured() {
  sensitivity.show(wish(true));
  calls[0]!.tell({ int8: error(30) });
  await calls[0]!.finish({ stability: { int8: [{ samples: 2, correlation: 1 }] } });
  calls[1]!.tell({ [LEAVE_ONE_OUT]: error(25) });
  await calls[1]!.finish({ recipe: error(20) });
}

it('tells the progress of the level that is measured, and of no other', async () => {
  const idle = { running: false, done: 0, total: 0 };
  sensitivity.show({ ...wish(false), level: 'layer' });
  expect(sensitivity.state.progress).toEqual({
    weights: idle,
    layer: { running: true, done: 0, total: 1 },
    model: idle,
  });
  sensitivity.show(wish(false));
  await calls[0]!.finish();
  calls[1]!.tell({ int8: error(30) });
  expect(sensitivity.state.progress).toEqual({
    weights: idle,
    layer: idle,
    model: { running: true, done: 1, total: 1 },
  });
  sensitivity.cancel();
  await settle();
  expect(sensitivity.state.progress.model).toEqual(idle);
});

describe('layers left in float', () => {
  it('come after the schemes, beside what is known, if they are asked for', async () => {
    sensitivity.show(wish(false));
    await calls[0]!.finish();
    expect(asked()).toEqual([['int8']]);
    sensitivity.show(wish(true));
    expect(asked()).toEqual([['int8'], ['others']]);
    expect(calls[1]!.request.others).toBe(RECIPE);
  });

  it('have the summary that they are compared with, which takes nothing from the other', async () => {
    await measured();
    expect(errorsOf('a')).toEqual(['int8', LEAVE_ONE_OUT]);
    expect(sensitivity.state.summaries.model).toMatchObject({
      stability: { int8: [{ samples: 2, correlation: 1 }] },
      recipe: error(20),
    });
    expect(sensitivity.state.progress.model.running).toBe(false);
    sensitivity.show(wish(true));
    expect(calls).toHaveLength(2);
  });

  it.each<[string, Partial<Recipe>]>([
    ['the default', { default: 'int4' }],
    ['a layer', { layers: { a: 'int4' } }],
    ["a layer's input", { layerActivations: { a: 'float' } }],
    ['repairs', { repair: 'gptq' }],
    ["a layer's repairs", { layerRepair: { a: 'off' } }],
    ['the opset', { opset: 'keep' }],
    ['the format', { format: 'QOperator' }],
  ])('are void when %s changes, all else is not, and are measured when asked for', async (_, change) => {
    await measured();
    sensitivity.follow({ ...RECIPE, ...change });
    expect(errorsOf('a')).toEqual(['int8']);
    expect(news.at(-1)).toMatchObject({ measurements: [{ layer: 'a', errors: { int8: error(30) } }] });
    expect(sensitivity.state.summaries.model).toMatchObject({ samples: 4, recipe: null });
    expect(calls).toHaveLength(2);
    sensitivity.show(wish(true));
    expect(asked().slice(2)).toEqual([['others']]);
  });

  it('are void with all else when activations change', async () => {
    await measured();
    sensitivity.follow({ ...RECIPE, activations: 'uint8' });
    expect(news.at(-1)).toEqual({ reset: ['layer', 'model'] });
    expect(asked()[2]).toEqual(['int8']);
  });

  it('are no longer measured for a recipe that has changed', async () => {
    sensitivity.show(wish(true));
    await calls[0]!.finish();
    sensitivity.follow(withScheme(RECIPE, ['a'], 'int4'));
    await settle();
    expect(calls[1]!.signal.aborted).toBe(true);
    expect(sensitivity.state.progress.model.running).toBe(false);
    expect(calls).toHaveLength(2);
  });

  it('let schemes be measured on while the recipe changes', async () => {
    sensitivity.show(wish(true));
    sensitivity.follow(withScheme(RECIPE, ['a'], 'int4'));
    expect(calls[0]!.signal.aborted).toBe(false);
    await calls[0]!.finish();
    expect(asked()).toEqual([['int8']]);
  });
});
