import { expect, it } from 'vitest';
import { pairedGain } from '../../../../src/quant/equalization/pairedGain';

it('a gain of pairs is their mean with its standard error', () => {
  const { mean, error } = pairedGain([10, 30, 20, 5], [12, 34, 23, 8]);
  expect(mean).toBeCloseTo(3, 12);
  // Variance of 2, 4, 3, 3 is 2/3.
  expect(error).toBeCloseTo(Math.sqrt(2 / 3 / 4), 12);
});

it('one sample says nothing of others, and none decides alone', () => {
  expect(pairedGain([10], [12])).toEqual({ mean: 2, error: Infinity });
  expect(pairedGain([10, null], [null, 3])).toEqual({ mean: 0, error: 0 });
  expect(pairedGain(['broken', 10], [15, 'equal'])).toEqual({ mean: 20, error: 0 });
  expect(pairedGain([10, 10], ['broken', 60])).toEqual({ mean: 0, error: 20 });
});
