import { describe, expect, it } from 'vitest';
import { DEFAULT_VIEW, readViewState } from '../../../../webview/app/ViewState';

describe('readViewState', () => {
  it('starts afresh without a saved state', () => {
    for (const nothing of [null, undefined, 3, 'text']) expect(readViewState(nothing)).toEqual(DEFAULT_VIEW);
  });

  it('gives back what was saved', () => {
    const view = {
      ...DEFAULT_VIEW,
      sort: { column: 'sqnr', descending: true },
      filter: 'conv',
      selected: ['a'],
      others: true,
      detailShare: 0.5,
    };
    expect(readViewState(JSON.parse(JSON.stringify(view)))).toEqual(view);
  });

  it('takes columns that can be measured, each once', () => {
    const columns = (schemes: unknown) => readViewState({ schemes }).schemes;
    expect(columns(['vq2x64', 'int4/block64'])).toEqual(['vq2x64', 'int4/block64']);
    expect(columns([])).toEqual([]);
    for (const wrong of ['int8', ['int9'], ['float'], ['int8', 'int8'], [8]])
      expect(columns(wrong)).toEqual(DEFAULT_VIEW.schemes);
  });

  it('leaves out what makes no sense', () => {
    const saved = {
      sort: { column: 3 },
      filter: null,
      selected: [1],
      detailShare: 9,
      other: true,
      others: 'yes',
      op: 'Conv',
    };
    expect(readViewState(saved)).toEqual({ ...DEFAULT_VIEW, op: 'Conv' });
  });
});
