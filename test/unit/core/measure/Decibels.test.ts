import { describe, expect, it } from 'vitest';
import {
  compareDb,
  decibels,
  fromNumber,
  gainDb,
  toNumber,
  type Decibels,
} from '../../../../src/core/measure/Decibels';
import { formatDb, formatDbCell, formatGain } from '../../../../src/core/report/format';

const ALL: readonly Decibels[] = ['broken', -8.9, 0, 35.06, 'equal', 'exact'];

describe('decibels', () => {
  it('are a ratio where there is one', () => {
    expect(decibels(100, 1, 'exact')).toBe(20);
    expect(decibels(1, 10, 'equal')).toBe(-10);
  });

  it('say without noise what that means', () => {
    expect([decibels(4, 0, 'exact'), decibels(4, 0, 'equal'), decibels(0, 0, 'equal')]).toEqual([
      'exact',
      'equal',
      'equal',
    ]);
  });

  it.each([
    [NaN, 0],
    [NaN, NaN],
    [1, NaN],
    [1, Infinity],
    [Infinity, 1],
    [Infinity, 0],
    [0, 1],
  ])('are broken for a signal of %d and noise of %d', (signal, noise) => {
    expect(decibels(signal, noise, 'exact')).toBe('broken');
  });

  it('survive JSON and structured clones, each as itself', () => {
    expect(JSON.parse(JSON.stringify(ALL))).toEqual(ALL);
    expect(structuredClone(ALL)).toEqual(ALL);
    expect(new Set(ALL.map((db) => JSON.stringify(db))).size).toBe(ALL.length);
  });

  it('survive typed arrays, where those of one kind of noiseless figures are', () => {
    const exact = ALL.filter((db) => db !== 'equal' && db !== 35.06 && db !== -8.9);
    expect(Array.from(Float32Array.from(exact, toNumber), fromNumber)).toEqual(exact);
    expect(fromNumber(NaN)).toBe('broken');
  });

  it('are in order from broken to exact', () => {
    expect(ALL.toReversed().sort(compareDb).map(toNumber)).toEqual([
      -Infinity,
      -8.9,
      0,
      35.06,
      Infinity,
      Infinity,
    ]);
    expect(compareDb('equal', 'exact')).toBe(0);
    expect([gainDb(3, 1), gainDb('exact', 'equal'), gainDb('broken', 'broken')]).toEqual([2, 0, 0]);
    expect([gainDb('equal', 1), gainDb(1, 'equal'), gainDb(1, 'broken')]).toEqual([
      Infinity,
      -Infinity,
      Infinity,
    ]);
  });
});

describe('decibels in words', () => {
  it('never call exact what was measured', () => {
    expect(ALL.map((db) => formatDb(db))).toEqual([
      'broken',
      '-8.9 dB',
      '0.0 dB',
      '35.1 dB',
      'no difference',
      'exact',
    ]);
    expect([formatDb('equal', 1), formatDb('equal', 16), formatDb(3, 16)]).toEqual([
      'no difference measured on 1 sample',
      'no difference measured on 16 samples',
      '3.0 dB',
    ]);
    expect(ALL.map(formatDbCell)).toEqual(['broken', '-8.9', '0.0', '35.1', 'equal', 'exact']);
  });

  it('have gains', () => {
    expect([formatGain(31.2, 27.1), formatGain(26, 27.1), formatGain(27.08, 27.1)]).toEqual([
      '+4.1 dB',
      '−1.1 dB',
      '+0.0 dB',
    ]);
    expect([formatGain('equal', 20), formatGain(20, 'exact'), formatGain('equal', 'equal')]).toEqual([
      'no error left',
      'all of the error',
      '+0.0 dB',
    ]);
    expect([formatGain('broken', 20), formatGain(20, 'broken'), formatGain('broken', 'broken')]).toEqual([
      'broken',
      'no longer broken',
      'still broken',
    ]);
  });
});
