import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client, serve, type Port } from '../../../../src/base/rpc';
import type { ModelMeasurement } from '../../../../src/core/measure/Measurement';
import type { EditorApi } from '../../../../src/protocol/editorApi';
import { EditorStore } from '../../../../webview/app/EditorStore';
import { DEFAULT_VIEW } from '../../../../webview/app/ViewState';
import { analysis } from '../features/grid/sampleRows';

type Call = readonly [method: string, params: unknown];

let calls: Call[];
let saved: unknown[];
let frames: (() => void)[];
let changes: number;
/** Messages from the host go to all listeners, as those of a window do: to the client and to the store. */
let listeners: ((message: unknown) => void)[];
let store: EditorStore;
let mayRun: boolean;

const settle = () => new Promise<void>((resolve) => setTimeout(resolve));
const tell = (message: unknown) => listeners.forEach((listener) => listener(message));
const draw = () => frames.splice(0).forEach((frame) => frame());
const model = (layer: string, sqnrDb: number): ModelMeasurement => ({
  level: 'model',
  layer,
  errors: { int8: { sqnrDb } as never },
  inputs: 'data',
  problem: null,
});

/** A host that answers over the same channel that it tells its state over. */
function connect(): Port {
  const toHost: ((message: unknown) => void)[] = [];
  const handler = (method: string) => (params: unknown) => {
    calls.push([method, params]);
    if (method === 'layerView') throw new Error('No.');
    return method === 'showErrors' ? mayRun : null;
  };
  const methods = ['ready', 'showErrors', 'chooseScheme', 'layerView', 'export'];
  const handlers = Object.fromEntries(methods.map((method) => [method, handler(method)]));
  serve({ post: tell, listen: (listener) => toHost.push(listener) }, handlers as never);
  return {
    post: (message) => queueMicrotask(() => toHost.forEach((listener) => listener(message))),
    listen: (listener) => listeners.push(listener),
  };
}

beforeEach(() => {
  [calls, saved, frames, listeners, changes, mayRun] = [[], [], [], [], 0, true];
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
  const client = new Client<EditorApi>(connect());
  store = new EditorStore(client, { load: () => null, save: (state) => saved.push(state) });
  listeners.push((message) => store.receive(message));
  store.addEventListener('change', () => changes++);
});
afterEach(() => vi.unstubAllGlobals());

describe('the store of the editor', () => {
  it('takes in what changed of the state', () => {
    tell({ type: 'state', state: { fileName: 'a.onnx' } });
    tell({ type: 'state', state: { trusted: false } });
    expect(store.state).toMatchObject({ fileName: 'a.onnx', trusted: false, notices: [] });
    expect(changes).toBe(2);
  });

  it('draws measurements once a frame, the newest of a layer and level', () => {
    tell({ type: 'measurements', measurements: [analysis('a', { int8: 40 }), model('a', 1)] });
    tell({ type: 'measurements', measurements: [model('a', 2), model('b', 3)] });
    expect([frames.length, changes, store.measured.size]).toEqual([1, 0, 0]);
    const before = store.measured;
    draw();
    expect(changes).toBe(1);
    expect(store.measured).not.toBe(before);
    expect(store.measured.get('a')).toMatchObject({
      weights: { errors: { int8: { sqnrDb: 40 } } },
      model: { errors: { int8: { sqnrDb: 2 } } },
    });
    expect([...store.measured.keys()]).toEqual(['a', 'b']);
  });

  it('forgets the levels that are void, also what is not drawn yet', () => {
    tell({ type: 'measurements', measurements: [analysis('a', { int8: 40 }), model('a', 1)] });
    draw();
    tell({ type: 'measurements', measurements: [model('b', 1), analysis('b', { int8: 30 })] });
    tell({ type: 'measurementsReset', levels: ['layer', 'model'] });
    draw();
    expect(Object.keys(store.measured.get('a')!)).toEqual(['weights']);
    expect(Object.keys(store.measured.get('b')!)).toEqual(['weights']);
  });

  it.each([
    ['an answer to a call', { type: 'result', id: 1, value: null }],
    ['progress', { type: 'progress', id: 1, value: [] }],
    ['a failure', { type: 'failure', id: 1, failure: { kind: 'cancelled' } }],
    ['a kind of another version', { type: 'analysis', batch: { layers: [] } }],
    ['measurements that are none', { type: 'measurements', measurements: 'all' }],
    ['a reset without levels', { type: 'measurementsReset' }],
    ['a state that is none', { type: 'state', state: null }],
    ['nothing', null],
    ['text', 'state'],
    ['a number', 7],
  ])('leaves %s alone', (_, message) => {
    const { state, measured } = store;
    expect(() => store.receive(message)).not.toThrow();
    draw();
    expect([store.state, store.measured, changes]).toEqual([state, measured, 0]);
  });

  it('hears answers of the host beside its messages', async () => {
    store.start();
    await settle();
    const { schemes, level, repaired, others } = DEFAULT_VIEW;
    expect(calls).toEqual([
      ['ready', null],
      ['showErrors', { level, schemes, repaired, others }],
    ]);
    await expect(store.layerView({} as never, new AbortController().signal)).rejects.toThrow('No.');
  });

  it('goes back to weight errors where the model may not be run', async () => {
    mayRun = false;
    store.look({ level: 'model' });
    expect(store.view.level).toBe('model');
    await settle();
    expect(store.view.level).toBe('weights');
    expect(saved.at(-1)).toMatchObject({ level: 'weights' });
  });

  it('has measured what is looked at anew, and nothing for other looks', async () => {
    store.look({ schemes: ['int4'] });
    store.look({ filter: 'conv' });
    store.choose([], 'int8');
    store.choose(['a'], 'int8');
    await settle();
    expect(calls.map(([method]) => method)).toEqual(['showErrors', 'chooseScheme']);
    expect(store.view).toMatchObject({ schemes: ['int4'], filter: 'conv' });
  });
});
