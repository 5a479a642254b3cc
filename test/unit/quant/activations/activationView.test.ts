import { describe, expect, it } from 'vitest';
import { ActivationObserver } from '../../../../src/quant/activations/ActivationObserver';
import { activationView } from '../../../../src/quant/activations/activationView';
import { fitActivation, rebinned } from '../../../../src/quant/activations/fitActivation';
import { normal } from '../fitted';

function observed(values: ArrayLike<number>): ActivationObserver {
  const observer = new ActivationObserver();
  observer.add(values);
  return observer;
}

describe('the view of an activation', () => {
  const values = normal(40_000).map((x) => Math.max(0, x));
  const observer = observed([...values, NaN, Infinity]);
  const quantizer = fitActivation(
    { symmetric: false, range: { method: 'percentile', percent: 98 } },
    observer,
  );
  const view = activationView(observer, quantizer, 128);
  const top = view.levels.at(-1)!;
  const step = quantizer.scales[0]!;

  it('counts every finite value between the least and the greatest', () => {
    const { lo, hi, counts } = view.histogram;
    expect([lo, hi]).toEqual([0, values.reduce((a, b) => Math.max(a, b))]);
    expect(counts.reduce((a, b) => a + b)).toBe(values.length);
    expect(view.notFinite).toBe(2);
  });

  it('says what is zero, and what is clipped', () => {
    expect(view.zeroShare).toBe(values.filter((x) => x === 0).length / values.length);
    const clipped = values.filter((x) => x > top + step / 2).length / values.length;
    expect(clipped).toBeGreaterThan(0.005);
    expect(view.clippedShare / clipped).toBeCloseTo(1, 1);
    const full = fitActivation({ symmetric: false, range: { method: 'minmax' } }, observer);
    expect(activationView(observer, full, 128).clippedShare).toBe(0);
  });

  it('has the levels, and an SQNR within a third of a decibel of the values themselves', () => {
    expect(view.levels).toHaveLength(256);
    const noise = values.reduce((sum, x) => sum + (x - Math.min(255, Math.round(x / step)) * step) ** 2, 0);
    const signal = values.reduce((sum, x) => sum + x * x, 0);
    expect(Math.abs(Number(view.sqnrDb) - 10 * Math.log10(signal / noise))).toBeLessThan(0.33);
  });

  it('of a constant has a histogram, too', () => {
    const constant = observed([3, 3, 3]);
    const minmax = fitActivation({ symmetric: true, range: { method: 'minmax' } }, constant);
    const { histogram, clippedShare } = activationView(constant, minmax, 16);
    expect(histogram.hi).toBeGreaterThan(histogram.lo);
    expect(histogram.counts.reduce((a, b) => a + b)).toBe(3);
    expect(clippedShare).toBe(0);
    expect(() => activationView(new ActivationObserver(), minmax, 16)).toThrow('Nothing was observed.');
  });
});

describe('counts beyond 32 bits', () => {
  it('keep their proportions and wrap nowhere', () => {
    const { state } = observed([0, 0, 0, 1]);
    const many = ActivationObserver.from({
      ...state,
      count: state.count * 2e9,
      histogram: {
        ...state.histogram,
        zeros: 6e9,
        counts: state.histogram.counts.map((count) => count * 2e9),
      },
    });
    const [zeros, ones] = rebinned(many, 0, 1, 2);
    expect(zeros! / ones!).toBeCloseTo(3, 6);
  });
});
