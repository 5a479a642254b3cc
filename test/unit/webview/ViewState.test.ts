import { describe, expect, it } from 'vitest';
import { DEFAULT_VIEW, readViewState } from '../../../webview/ViewState';

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
      detailShare: 0.5,
    };
    expect(readViewState(JSON.parse(JSON.stringify(view)))).toEqual(view);
  });

  it('leaves out what makes no sense', () => {
    const saved = {
      sort: { column: 3 },
      filter: null,
      selected: [1],
      detailShare: 9,
      other: true,
      op: 'Conv',
    };
    expect(readViewState(saved)).toEqual({ ...DEFAULT_VIEW, op: 'Conv' });
  });
});
