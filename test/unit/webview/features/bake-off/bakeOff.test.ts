import { describe, expect, it } from 'vitest';
import type { Decibels } from '../../../../../src/core/measure/Decibels';
import type { WeightError } from '../../../../../src/core/measure/errors';
import { ALL_SCHEMES } from '../../../../../src/core/scheme/schemeLists';
import { bakeOffPoints, frameOf } from '../../../../../webview/charts/bakeOffPoints';
import { kindOf, KINDS } from '../../../../../webview/charts/families';
import { placeLabels } from '../../../../../webview/charts/placeLabels';

const error = (bitsPerWeight: number, sqnrDb: Decibels): WeightError => ({
  mse: 0,
  sqnrDb,
  cosine: 1,
  maxAbs: 0,
  bitsPerWeight,
  bytes: 100,
  entropyBits: bitsPerWeight - 1,
});
const usual = { entropyCoded: false, allBits: false };

describe('bakeOffPoints', () => {
  const errors = new Map([
    ['int8', error(8.1, 40)],
    ['int4', error(4.1, 18)],
    ['log4', error(4.2, 14)],
    ['int16', error(16.1, 90)],
    ['ternary', error(2.1, 'exact')],
  ]);

  it('go from the cheapest to the dearest, and those lead that nothing cheaper beats', () => {
    const points = bakeOffPoints(errors, usual);
    expect(points.map(({ scheme, best }) => [scheme, best])).toEqual([
      ['int4', true],
      ['log4', false],
      ['int8', true],
    ]);
  });

  it('leave out 16 bits unless they are wanted', () => {
    const all = bakeOffPoints(errors, { ...usual, allBits: true });
    expect(all.map(({ scheme }) => scheme)).toContain('int16');
    expect(frameOf(all, { ...usual, allBits: true }).bits[1]).toBeGreaterThan(16.1);
  });

  it('stand at the size of an entropy coder where that is wanted', () => {
    const points = bakeOffPoints(errors, { ...usual, entropyCoded: true });
    expect(points.map(({ bits }) => bits)).toEqual(
      [3.1, 3.2, 7.1].map((bits) => expect.closeTo(bits) as number),
    );
  });

  it('set the axes, which one that is far off does not stretch', () => {
    const far = bakeOffPoints(
      new Map([...errors, ['vq2x256', error(60, 80)], ['binary', error(1, -40)]]),
      usual,
    );
    const { bits, sqnrDb } = frameOf(far, usual);
    expect(bits).toEqual([0, 9.5]);
    expect(sqnrDb[0]).toBeGreaterThanOrEqual(-6);
    expect(sqnrDb[1]).toBeGreaterThan(40);
    expect(sqnrDb[1]).toBeLessThan(60);
  });
});

describe('kinds', () => {
  it('have every scheme in just one', () => {
    for (const scheme of ALL_SCHEMES) expect(KINDS).toContain(kindOf(scheme));
    expect(new Set(KINDS.map(({ id }) => id)).size).toBe(KINDS.length);
  });

  it('differ in shape', () => {
    expect(new Set(KINDS.map(({ shape }) => shape)).size).toBe(KINDS.length);
  });
});

describe('placeLabels', () => {
  const area = { left: 0, top: 0, right: 400, bottom: 300 };
  const widthOf = (text: string) => text.length * 7;
  /** A crowd as the bake-off has it, always the same. */
  const crowd = Array.from({ length: 60 }, (_, i) => ({
    text: `scheme${i}/block${i}`,
    x: 200 + 180 * Math.sin(i * 12.9898),
    y: 150 + 130 * Math.sin(i * 78.233),
    size: i === 0 ? 11 : 6,
  }));

  it('covers neither names nor points, and stays inside', () => {
    const placed = placeLabels(crowd, area, crowd, widthOf);
    expect(placed.length).toBeGreaterThan(10);
    placed.forEach((a, i) => {
      expect(a.left >= 0 && a.top >= 0 && a.right <= 400 && a.bottom <= 300).toBe(true);
      for (const b of placed.slice(i + 1))
        expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top).toBe(true);
      for (const { x, y, size } of crowd)
        expect(x + size > a.left && x - size < a.right && y + size > a.top && y - size < a.bottom).toBe(
          false,
        );
    });
  });

  it('gives the first the best place', () => {
    const [first] = placeLabels([crowd[0]!], area, [crowd[0]!], widthOf);
    expect(first!.left).toBeGreaterThan(crowd[0]!.x);
  });
});
