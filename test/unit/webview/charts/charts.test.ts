import { describe, expect, it } from 'vitest';
import {
  colourAt,
  css,
  gradient,
  inkOn,
  luminance,
  MAGMA,
  sqnrColour,
  VIRIDIS,
} from '../../../../webview/charts/colourScale';
import { worstChannels } from '../../../../webview/charts/drawChannelStrip';
import { tileAt, worstTiles } from '../../../../webview/charts/drawErrorMap';
import { levelsPerPixel } from '../../../../webview/charts/drawLevels';
import { sparklinePath } from '../../../../webview/charts/sparklinePath';

describe('colour scale', () => {
  it.each([
    ['viridis', VIRIDIS],
    ['magma', MAGMA],
  ])('%s gets lighter all the way', (_, colours) => {
    const shades = Array.from({ length: 101 }, (_, i) => luminance(colourAt(colours, i / 100)));
    for (let i = 1; i < shades.length; i++) expect(shades[i]).toBeGreaterThanOrEqual(shades[i - 1]!);
  });

  it('gives the ends, what lies beyond them, and a mixture between', () => {
    expect(colourAt(VIRIDIS, 0)).toEqual([68, 1, 84]);
    expect(colourAt(VIRIDIS, 7)).toEqual([253, 231, 37]);
    expect(colourAt(VIRIDIS, -7)).toEqual([68, 1, 84]);
    expect(colourAt(VIRIDIS, 0.05)).toEqual([70, 19, 101]);
  });

  it('means the same in every model', () => {
    expect(sqnrColour(-3)).toEqual(sqnrColour(0));
    expect(sqnrColour(50)).toEqual(sqnrColour(80));
    expect(sqnrColour('exact')).toEqual(sqnrColour(50));
    expect(sqnrColour('equal')).toEqual(sqnrColour(50));
    expect(sqnrColour('broken')).toEqual(sqnrColour(0));
    expect(sqnrColour(25)).not.toEqual(sqnrColour(20));
  });

  it('is written on in a colour that can be read', () => {
    for (let db = 0; db <= 50; db++) {
      const ground = luminance(sqnrColour(db));
      const ink = inkOn(sqnrColour(db)) === '#000' ? 0 : 1;
      const contrast = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
      expect(contrast).toBeGreaterThan(4.5);
    }
  });

  it('is CSS', () => {
    expect(css([1, 2, 3])).toBe('rgb(1 2 3)');
    expect(
      gradient([
        [0, 0, 0],
        [1, 2, 3],
      ]),
    ).toBe('linear-gradient(to right, rgb(0 0 0), rgb(1 2 3))');
  });
});

describe('sparklinePath', () => {
  it('draws a bar a bin, and shows every bin that holds anything', () => {
    expect(sparklinePath([0, 1000, 1], 30, 10)).toBe('M10 10v-10h10v10zM20 10v-1h10v1z');
  });

  it('draws nothing of nothing', () => {
    expect(sparklinePath([], 30, 10)).toBe('');
    expect(sparklinePath([0, 0], 30, 10)).toBe('');
  });
});

describe('error map', () => {
  const map = {
    rows: 2,
    columns: 3,
    values: Float32Array.from([1, 2, 3, 4, 5, 6]),
    matrixRows: 5,
    matrixColumns: 3,
  };

  it('knows what lies under the pointer, also at and beyond the edges', () => {
    expect(tileAt(map, 0, 0)).toEqual({ rows: [0, 2], columns: [0, 0], error: 1 });
    expect(tileAt(map, 0.99, 0.99)).toEqual({ rows: [3, 4], columns: [2, 2], error: 6 });
    expect(tileAt(map, 1, 1)).toEqual(tileAt(map, 0.99, 0.99));
    expect(tileAt(map, -1, -1)).toEqual(tileAt(map, 0, 0));
  });

  it('covers the matrix without gaps', () => {
    for (const [tiles, total] of [
      [96, 1000],
      [7, 7],
      [64, 65],
    ] as const) {
      const column = { ...map, rows: tiles, columns: 1, matrixRows: total, values: new Float32Array(tiles) };
      let next = 0;
      for (let i = 0; i < tiles; i++) {
        const [from, to] = tileAt(column, 0, (i + 0.5) / tiles).rows;
        expect(from).toBe(next);
        next = to + 1;
      }
      expect(next).toBe(total);
    }
  });

  it('names the worst', () => {
    expect(worstTiles(map, 2).map(({ error }) => error)).toEqual([6, 5]);
  });
});

describe('channels and levels', () => {
  it('names the worst channels, and none that is exact', () => {
    expect(worstChannels(Float32Array.from([30, Infinity, 10, 20]), 2)).toEqual([
      { channel: 2, sqnrDb: 10 },
      { channel: 3, sqnrDb: 20 },
    ]);
    expect(worstChannels(Float32Array.from([Infinity]), 5)).toEqual([]);
  });

  it('counts the levels on every pixel inside the plot', () => {
    const levels = Float32Array.from([-1, 0, 0.1, 1, 9]);
    const places = levelsPerPixel(levels, (level) => 10 + level * 2, 10, 10);
    expect([...places]).toEqual([
      [10, 2],
      [12, 1],
    ]);
  });
});
