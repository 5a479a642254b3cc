import { describe, expect, it } from 'vitest';
import { CodebookCells } from '../../../../../webview/charts/CodebookCells';
import { reachOf } from '../../../../../webview/charts/drawScatter';

describe('CodebookCells', () => {
  const codebook = Float32Array.from([-1, 0, 1, 0, 0, 2, 0, -2]);
  const cells = new CodebookCells(codebook);

  it('knows the nearest entry, as a search through all finds it', () => {
    for (let i = 0; i < 200; i++) {
      const [x, y] = [3 * Math.sin(i), 3 * Math.sin(7 * i + 1)];
      const distance = (entry: number) => {
        const [a, b] = cells.entry(entry);
        return (x - a) ** 2 + (y - b) ** 2;
      };
      const best = Math.min(...[0, 1, 2, 3].map(distance));
      expect(distance(cells.nearest(x, y))).toBeCloseTo(best);
    }
  });

  it('counts every pair once', () => {
    const pairs = Float32Array.from([-1, 0.1, -2, 0, 0.9, 0, 0, 5]);
    expect([...cells.count(pairs)]).toEqual([2, 1, 1, 0]);
  });

  it('draws borders, and none of an entry that stands where another does', () => {
    expect(cells.borders(3)).toMatch(/^M/);
    expect(cells.border(0, 3)).toMatch(/^M.*Z$/);
    const twice = new CodebookCells(Float32Array.from([0, 0, 1, 1, 2, 0, 0, 0]));
    expect([0, 3].map((entry) => twice.border(entry, 3)).filter(Boolean)).toHaveLength(1);
  });
});

describe('reachOf', () => {
  it('leaves the few outermost weights out of the middle', () => {
    const pairs = Float32Array.from({ length: 2000 }, (_, i) => (i < 4 ? 50 : (i % 100) / 100));
    expect(reachOf(pairs, true)).toBeCloseTo(52);
    expect(reachOf(pairs, false)).toBeLessThan(1.1);
  });

  it('has some extent even without weights', () => {
    expect(reachOf(new Float32Array(0), true)).toBe(1);
    expect(reachOf(new Float32Array(4), true)).toBe(1);
  });
});
