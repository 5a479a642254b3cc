import { describe, expect, it } from 'vitest';
import { entropy, weightError } from '../../../src/quant/weightError';

describe('weightError', () => {
  it('follows its definitions', () => {
    const x = [1, -2, 3];
    const q = [1, -2.5, 2];
    const sum = (terms: number[]) => terms.reduce((a, b) => a + b, 0);
    const noise = sum(x.map((value, i) => (value - q[i]!) ** 2));
    const signal = sum(x.map((value) => value ** 2));
    const quantized = sum(q.map((value) => value ** 2));
    const error = weightError({ weights: 3, signal, noise, quantized, maxAbs: 1 }, 6, 3);
    const dot = sum(x.map((value, i) => value * q[i]!));
    expect(error.mse).toBeCloseTo(1.25 / 3, 12);
    expect(error.sqnrDb).toBeCloseTo(10 * Math.log10(14 / 1.25), 12);
    expect(error.cosine).toBeCloseTo(dot / Math.sqrt(signal * quantized), 12);
    expect(error.bitsPerWeight).toBe(16);
    expect(error.entropyBits).toBe(8);
  });

  it('calls no error exact', () => {
    const error = weightError({ weights: 2, signal: 5, noise: 0, quantized: 5, maxAbs: 0 }, 2, 2);
    expect([error.sqnrDb, error.cosine, error.mse]).toEqual(['exact', 1, 0]);
  });

  it('calls sums broken that are not finite, or no ratio', () => {
    const db = (signal: number, noise: number) =>
      weightError({ weights: 2, signal, noise, quantized: 5, maxAbs: 1 }, 2, 2).sqnrDb;
    expect([db(NaN, NaN), db(5, Infinity), db(Infinity, 0), db(0, 1)]).toEqual(Array(4).fill('broken'));
  });

  it('is defined for no weights and for lost signals', () => {
    expect(
      weightError({ weights: 0, signal: 0, noise: 0, quantized: 0, maxAbs: 0 }, 0, 0).bitsPerWeight,
    ).toBe(0);
    expect(weightError({ weights: 1, signal: 1, noise: 1, quantized: 0, maxAbs: 1 }, 1, 1)).toMatchObject({
      sqnrDb: 0,
      cosine: 0,
    });
  });
});

describe('entropy', () => {
  it('is what an ideal coder needs for all counts together', () => {
    expect(entropy([4, 4])).toBe(8);
    expect(entropy([8, 0, 0])).toBe(0);
    expect(entropy([2, 1, 1])).toBe(6);
    expect(entropy([])).toBe(0);
  });
});
