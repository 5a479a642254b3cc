import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActivationObserver } from '../../../../src/quant/activations/ActivationObserver';
import { activationNoise, fitActivation } from '../../../../src/quant/activations/fitActivation';
import type { ActivationRange } from '../../../../src/core/scheme/activations';
import { laplacian, normal } from '../fitted';

function observed(...samples: ArrayLike<number>[]): ActivationObserver {
  const observer = new ActivationObserver();
  for (const sample of samples) observer.add(sample);
  return observer;
}

const fitted = (observer: ActivationObserver, range: ActivationRange, symmetric = false) =>
  fitActivation({ symmetric, range }, observer);

/** Squared error of a quantizer on the values themselves. */
function noiseOf(
  values: ArrayLike<number>,
  { scales, zeroPoints, qmin, qmax }: ReturnType<typeof fitActivation>,
) {
  const [scale, zero] = [scales[0]!, zeroPoints?.[0] ?? 0];
  return Array.from(values).reduce((sum, x) => {
    const code = Math.min(qmax, Math.max(qmin, Math.round(x / scale) + zero));
    return sum + (x - (code - zero) * scale) ** 2;
  }, 0);
}

describe('an observer', () => {
  const sample = fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 30 });

  it('is what it was after being written down', () => {
    const observer = observed(normal(100), normal(100, 2, 5));
    expect(ActivationObserver.from(structuredClone(observer.state))).toEqual(observer);
  });

  it('loses no value, however the range grows, and each lies in its bin', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 5 }), (samples) => {
        const values = samples.flat().sort((a, b) => a - b);
        let before = 0;
        observed(...samples).forEachBin((from, to, count) => {
          const inBin = (value: number) =>
            from === to ? value === 0 : value !== 0 && value >= from && value < to;
          expect(values.filter(inBin)).toHaveLength(count);
          before += count;
        });
        expect(before).toBe(values.length);
      }),
    );
  });

  it('of some samples merges with that of others into what one would have seen', () => {
    const samples = fc.array(sample, { maxLength: 4 });
    fc.assert(
      fc.property(samples, samples, (some, others) => {
        const merged = observed(...some).mergedWith(observed(...others));
        const { sumLeast, sumGreatest, sumAbs, sumSquares, ...rest } = observed(...some, ...others).state;
        expect(merged.state).toMatchObject(rest);
        expect(merged.state.sumAbs).toBeCloseTo(sumAbs, 3);
        expect(merged.state.sumSquares / (sumSquares || 1)).toBeCloseTo(sumSquares ? 1 : 0, 9);
        expect(merged.state.sumLeast).toBeCloseTo(sumLeast, 3);
        expect(merged.state.sumGreatest).toBeCloseTo(sumGreatest, 3);
      }),
      { numRuns: 20 },
    );
  });

  it('counts what is no finite number apart', () => {
    const observer = observed([NaN, 1, Infinity, -Infinity, 2]);
    expect([observer.count, observer.notFinite, observer.least, observer.greatest]).toEqual([2, 3, 1, 2]);
  });
});

describe('the range of an activation', () => {
  it('is found of numbers that all lie in one bin, however small', () => {
    const { scales } = fitted(observed([1e-30, 2e-30]), { method: 'mse' });
    expect(scales[0]! * 255).toBeGreaterThan(1e-30);
    expect(scales[0]! * 255).toBeLessThan(3e-30);
  });

  it('reaches from the least to the greatest value, and holds zero', () => {
    const { scales, zeroPoints } = fitted(observed([1, 5], [3, 9]), { method: 'minmax' });
    expect([scales[0], zeroPoints![0]]).toEqual([Math.fround(9 / 255), 0]);
    const both = fitted(observed([-1, 3]), { method: 'minmax' });
    expect([both.scales[0], both.zeroPoints![0]]).toEqual([Math.fround(4 / 255), 64]);
  });

  it('is symmetric for int8', () => {
    const { scales, zeroPoints, qmin } = fitted(observed([-1, 3]), { method: 'minmax' }, true);
    expect([scales[0], zeroPoints, qmin]).toEqual([Math.fround(3 / 127), null, -127]);
  });

  it('is the mean of the samples by the moving average', () => {
    const { scales } = fitted(observed([0, 1], [0, 3]), { method: 'average' });
    expect(scales[0]).toBeCloseTo(2 / 255, 7);
  });

  it('leaves the tails out by percentile', () => {
    const values = laplacian(50_000);
    const { scales, zeroPoints } = fitted(observed(values), { method: 'percentile', percent: 99 });
    const [scale, zero] = [scales[0]!, zeroPoints![0]!];
    const inside = values.filter((x) => x >= -zero * scale && x <= (255 - zero) * scale).length;
    expect(inside / values.length).toBeCloseTo(0.99, 2);
  });

  it('by entropy cuts outliers off', () => {
    const values = normal(20_000).map((x) => Math.max(0, x));
    values[7] = 60;
    const full = fitted(observed(values), { method: 'minmax' });
    expect(fitted(observed(values), { method: 'entropy' }).scales[0]).toBeLessThan(full.scales[0]! / 2);
  });

  it('of least squared error is never worse than the full one', () => {
    for (const values of [normal(5000), laplacian(5000), laplacian(5000, 3).map(Math.abs)])
      for (const symmetric of [true, false]) {
        const observer = observed(values);
        const best = activationNoise(observer, fitted(observer, { method: 'mse' }, symmetric));
        expect(best).toBeLessThanOrEqual(
          activationNoise(observer, fitted(observer, { method: 'minmax' }, symmetric)),
        );
      }
  });
});

describe('the noise of an activation', () => {
  const rectified = (shift: number) => normal(30_000).map((x) => Math.max(0, x + shift));

  it.each([
    normal(30_000),
    laplacian(30_000),
    laplacian(30_000).map((x) => 3 * Math.abs(x)),
    rectified(0),
    rectified(-2),
  ])('known from the histogram is that of the values within a few per cent', (values) => {
    const observer = observed(values.subarray(0, 10_000), values.subarray(10_000));
    const quantizer = fitted(observer, { method: 'minmax' });
    const ratio = activationNoise(observer, quantizer) / noiseOf(values, quantizer);
    expect(Math.abs(10 * Math.log10(ratio))).toBeLessThan(0.3);
  });
});
