import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/data/random';
import {
  activationGradients,
  quantizeActivations,
  quantizeGradients,
  quantizeUnit,
  weightGradients,
} from '../../../src/quant/dorefa/dorefa';
import { normal } from './fitted';

const bits = fc.integer({ min: 1, max: 8 });
const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe('quantize_k', () => {
  it('gives one of 2^k evenly spaced numbers, the nearest, and that again', () => {
    fc.assert(
      fc.property(unit, bits, (x, k) => {
        const value = quantizeUnit(x, k);
        const steps = 2 ** k - 1;
        expect(Math.abs(value * steps - Math.round(value * steps))).toBeLessThan(1e-9);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(Math.abs(value - x)).toBeLessThanOrEqual(0.5 / steps + 1e-12);
        expect(quantizeUnit(value, k)).toBe(value);
      }),
    );
  });

  it('keeps the order', () => {
    fc.assert(
      fc.property(unit, unit, bits, (a, b, k) => {
        expect(quantizeUnit(Math.max(a, b), k)).toBeGreaterThanOrEqual(quantizeUnit(Math.min(a, b), k));
      }),
    );
  });
});

describe('activations', () => {
  it('are held between 0 and 1, and take thirds with two bits', () => {
    const values = quantizeActivations(Float32Array.of(-1, 0, 0.16, 0.17, 0.49, 0.51, 0.9, 7), 2);
    expect([...values]).toEqual([0, 0, 0, 1 / 3, 1 / 3, 2 / 3, 1, 1].map(Math.fround));
  });

  it('let gradients through where they were not held', () => {
    const through = activationGradients(
      Float32Array.of(-0.1, 0, 0.5, 1, 1.1),
      Float32Array.of(1, 2, 3, 4, 5),
    );
    expect([...through]).toEqual([0, 2, 3, 4, 0]);
  });
});

describe('gradients', () => {
  it('take 2^k values, even about zero, up to the largest magnitude', () => {
    const random = new Random(4);
    const gradients = normal(2000, 3, 0.01);
    const values = quantizeGradients(gradients, 2, () => random.uniform());
    const largest = gradients.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const levels = [...new Set(values)].sort((a, b) => a - b);
    expect(levels).toEqual(
      [-1, -1 / 3, 1 / 3, 1].map((level) => expect.closeTo(level * largest, 7) as number),
    );
  });

  it.each([1, 2, 4])('are right on average with %i bits', (k) => {
    const random = new Random(5);
    const uniform = () => random.uniform();
    const gradients = Float32Array.of(-1, -0.6, -0.05, 0, 0.3, 0.77, 1);
    const runs = 20_000;
    const sums = new Float64Array(gradients.length);
    for (let run = 0; run < runs; run++)
      quantizeGradients(gradients, k, uniform).forEach((value, i) => (sums[i]! += value / runs));
    // The deviation of one draw is at most half a step, 1 / (2^k - 1); the mean of all is six of its deviations.
    const tolerance = (6 * (1 / (2 ** k - 1))) / Math.sqrt(runs);
    sums.forEach((mean, i) => expect(Math.abs(mean - gradients[i]!)).toBeLessThan(tolerance));
  });

  it('of zero stay zero', () => {
    expect([...quantizeGradients(new Float32Array(3), 4, () => 0.9)]).toEqual([0, 0, 0]);
  });
});

describe('gradients of weights', () => {
  it('are those of the scaled tanh, the rounding passed over', () => {
    const weights = normal(50, 6);
    const most = Math.max(...weights.map((w) => Math.abs(Math.tanh(w))));
    const through = weightGradients(weights, new Float32Array(50).fill(1));
    weights.forEach((weight, i) => {
      const slope = (Math.tanh(weight + 1e-4) - Math.tanh(weight - 1e-4)) / (2e-4 * most);
      expect(through[i]).toBeCloseTo(slope, 4);
    });
  });

  it('go straight through when all weights are zero', () => {
    expect([...weightGradients(new Float32Array(2), Float32Array.of(3, -4))]).toEqual([3, -4]);
  });
});
