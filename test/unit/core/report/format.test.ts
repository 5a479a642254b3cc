import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDb,
  formatShape,
  formatShare,
  formatValue,
} from '../../../../src/core/report/format';

describe('format', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [578_966, '579 kB'],
    [999_600, '1.00 MB'],
    [10_822_323, '10.8 MB'],
    [2e15, '2.00e+3 TB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('counts, decibels, shares, shapes and values', () => {
    expect([formatCount(16), formatCount(1_172_004)]).toEqual(['16', '1.17 M']);
    expect([formatDb('exact'), formatDb(35.06), formatDb(-8.9)]).toEqual(['exact', '35.1 dB', '-8.9 dB']);
    expect([formatShare(0), formatShare(0.0004), formatShare(0.379)]).toEqual(['0.0 %', '<0.1 %', '37.9 %']);
    expect([formatShape([1, 'N', null]), formatShape([]), formatShape(null)]).toEqual([
      '[1, N, ?]',
      '[]',
      'any shape',
    ]);
    expect([formatValue(0), formatValue(0.123456), formatValue(1e-7)]).toEqual(['0', '0.1235', '1.00e-7']);
  });
});
