import { beforeEach, describe, expect, it } from 'vitest';
import type { Measurement, ModelMeasurement } from '../../../../src/core/measure/Measurement';
import { LEAVE_ONE_OUT } from '../../../../src/core/measure/Measurement';
import { MeasurementStore, type MeasurementNews } from '../../../../src/host/session/MeasurementStore';
import { analysis } from '../../webview/features/grid/sampleRows';

const model = (layer: string, errors: object, problem: string | null = null): ModelMeasurement => ({
  level: 'model',
  layer,
  errors: errors as ModelMeasurement['errors'],
  inputs: 'data',
  problem,
});
let news: MeasurementNews[];
let store: MeasurementStore;
const last = () => news.at(-1) as { readonly measurements: readonly Measurement[] };

beforeEach(() => {
  news = [];
  store = new MeasurementStore((each) => news.push(each));
});

describe('the store of measurements', () => {
  it('keeps all levels side by side, and tells all that is measured of a layer', () => {
    store.add([analysis('a', { int8: 40 }), model('a', { int8: { sqnrDb: 20 } })]);
    store.add([analysis('a', { int4: 20 }), model('b', { int8: { sqnrDb: 10 } })]);
    expect(Object.keys(store.at('weights').get('a')!.errors)).toEqual(['int8', 'int4']);
    expect([...store.at('model').keys()]).toEqual(['a', 'b']);
    expect(store.at('layer').size).toBe(0);
    expect(store.all).toHaveLength(3);
    expect(last().measurements[0]).toBe(store.at('weights').get('a'));
  });

  it('takes the newer figure, and keeps a problem', () => {
    store.add([model('a', { int8: { sqnrDb: 1 } }, 'No.')]);
    store.add([model('a', { int8: { sqnrDb: 2 } })]);
    expect(store.at('model').get('a')).toMatchObject({ errors: { int8: { sqnrDb: 2 } }, problem: 'No.' });
  });

  it('forgets levels, or one variant of one', () => {
    store.add([
      analysis('a', { int8: 40 }),
      model('a', { int8: {}, [LEAVE_ONE_OUT]: {} }),
      model('b', { int8: {} }),
    ]);
    store.drop('model', LEAVE_ONE_OUT);
    expect(last().measurements).toEqual([model('a', { int8: {} })]);
    store.reset(['layer', 'model']);
    expect(news.at(-1)).toEqual({ reset: ['layer', 'model'] });
    expect(store.all.map(({ level }) => level)).toEqual(['weights']);
  });

  it('is silent where nothing changes', () => {
    store.add([]);
    store.drop('model', LEAVE_ONE_OUT);
    expect(news).toEqual([]);
  });
});
