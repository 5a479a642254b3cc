import { describe, expect, it } from 'vitest';
import { COMMON_SCHEMES } from '../../../../../src/core/scheme/schemeLists';
import { layOut, OPTIONAL_COLUMNS } from '../../../../../webview/features/grid/columns';
import { HEADER_ROW, move } from '../../../../../webview/features/grid/keys';
import { affected, select } from '../../../../../webview/features/grid/selection';

describe('move', () => {
  const columns = ['select', 'name', 'int8'];
  const press = (key: string, row: number, column = 'name', ctrlKey = false, rows = 100) => {
    const next = move({ key, ctrlKey, metaKey: false }, { row, column }, columns, rows, 10);
    return next && [next.row, next.column];
  };

  it('goes cell by cell and stops at the edges', () => {
    expect(press('ArrowDown', 3)).toEqual([4, 'name']);
    expect(press('ArrowDown', 99)).toEqual([99, 'name']);
    expect(press('ArrowRight', 3)).toEqual([3, 'int8']);
    expect(press('ArrowRight', 3, 'int8')).toEqual([3, 'int8']);
    expect(press('ArrowLeft', 3, 'select')).toEqual([3, 'select']);
  });

  it('goes by pages and to the ends', () => {
    expect(press('PageDown', 95)).toEqual([99, 'name']);
    expect(press('PageUp', 5)).toEqual([0, 'name']);
    expect(press('Home', 5)).toEqual([5, 'select']);
    expect(press('End', 5)).toEqual([5, 'int8']);
    expect(press('Home', 5, 'name', true)).toEqual([0, 'select']);
    expect(press('End', 5, 'name', true)).toEqual([99, 'int8']);
  });

  it('enters the header by the arrow only, and leaves it', () => {
    expect(press('ArrowUp', 0)).toEqual([HEADER_ROW, 'name']);
    expect(press('ArrowUp', HEADER_ROW)).toEqual([HEADER_ROW, 'name']);
    expect(press('ArrowRight', HEADER_ROW)).toEqual([HEADER_ROW, 'int8']);
    expect(press('ArrowDown', HEADER_ROW)).toEqual([0, 'name']);
  });

  it('stays in the header of an empty grid', () => {
    expect(press('ArrowDown', HEADER_ROW, 'name', false, 0)).toEqual([HEADER_ROW, 'name']);
    expect(press('PageUp', 0, 'name', false, 0)).toEqual([HEADER_ROW, 'name']);
  });

  it('leaves other keys alone', () => {
    expect(press('Enter', 0)).toBeNull();
    expect(press('constructor', 0)).toBeNull();
  });
});

describe('select', () => {
  const names = ['a', 'b', 'c', 'd'];

  it('takes one, toggles, and takes ranges either way', () => {
    expect(select(names, ['a', 'b'], 'a', 'c', 'only')).toEqual(['c']);
    expect(select(names, ['a'], 'a', 'c', 'toggle')).toEqual(['a', 'c']);
    expect(select(names, ['a', 'c'], 'a', 'c', 'toggle')).toEqual(['a']);
    expect(select(names, [], 'b', 'd', 'range')).toEqual(['b', 'c', 'd']);
    expect(select(names, [], 'd', 'b', 'range')).toEqual(['b', 'c', 'd']);
  });

  it('takes one where the start of a range is not shown', () => {
    expect(select(names, [], 'gone', 'b', 'range')).toEqual(['b']);
    expect(select(names, [], null, 'b', 'range')).toEqual(['b']);
  });

  it('makes a choice for the selection if it is made in it', () => {
    expect(affected(['a', 'b'], 'a')).toEqual(['a', 'b']);
    expect(affected(['a', 'b'], 'c')).toEqual(['c']);
  });
});

describe('layOut', () => {
  const ids = (width: number, hidden: string[] = []) =>
    layOut(width, hidden, COMMON_SCHEMES).columns.map(({ id }) => id);

  it('shows everything where there is room, and gives the name the rest', () => {
    expect(ids(2000)).toEqual(expect.arrayContaining([...OPTIONAL_COLUMNS, ...COMMON_SCHEMES]));
    const { columns, name } = layOut(2000, [], COMMON_SCHEMES);
    const others = columns.filter(({ id }) => id !== 'name').reduce((sum, { width }) => sum + width, 0);
    expect(others + name).toBe(2000);
  });

  it('leaves out the least useful first, and never name, scheme and heatmap', () => {
    for (let width = 1500; width > 0; width -= 25) {
      const shown = ids(width);
      const kept = OPTIONAL_COLUMNS.filter((id) => shown.includes(id));
      expect(kept).toEqual(OPTIONAL_COLUMNS.slice(0, kept.length));
      expect(shown).toEqual(expect.arrayContaining(['select', 'name', 'scheme', ...COMMON_SCHEMES]));
      expect(layOut(width, [], COMMON_SCHEMES).name).toBeGreaterThanOrEqual(140);
    }
  });

  it('has a column for layers left in float where they are asked for', () => {
    const heat = (others: boolean) =>
      layOut(2000, [], ['int8'], { activations: true, others }).columns.flatMap(({ heat: id }) => id ?? []);
    expect(heat(false)).toEqual(['activations', 'int8']);
    expect(heat(true)).toEqual(['left-in-float', 'activations', 'int8']);
  });

  it('leaves out what the user took out', () => {
    expect(ids(2000, ['shape', 'op'])).not.toEqual(expect.arrayContaining(['shape']));
    expect(ids(2000, ['name', 'int8'])).toEqual(expect.arrayContaining(['name', 'int8']));
  });
});
