import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActivationObserver } from '../../../../src/quant/activations/ActivationObserver';
import { activationNoise, fitActivation } from '../../../../src/quant/activations/fitActivation';
import { refineQuantizer, withEnds } from '../../../../src/quant/activations/refineQuantizer';
import type { AffineQuantizer } from '../../../../src/quant/Quantizer';
import { laplacian, normal } from '../fitted';

function observed(values: ArrayLike<number>): ActivationObserver {
  const observer = new ActivationObserver();
  observer.add(values);
  return observer;
}

async function refined(observer: ActivationObserver, start: AffineQuantizer) {
  const cost = (quantizer: AffineQuantizer) => Promise.resolve(activationNoise(observer, quantizer));
  return refineQuantizer({ quantizer: start, cost: await cost(start) }, cost);
}

const minmax = (observer: ActivationObserver, symmetric = false) =>
  fitActivation({ symmetric, range: { method: 'minmax' } }, observer);

describe('a refined quantizer', () => {
  it('is never worse, tells its cost, and holds zero', async () => {
    const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(values, fc.boolean(), async (values, symmetric) => {
        const observer = observed(values);
        const start = minmax(observer, symmetric);
        const { quantizer, cost } = await refined(observer, start);
        expect(cost).toBe(activationNoise(observer, quantizer));
        expect(cost).toBeLessThanOrEqual(activationNoise(observer, start));
        const zero = quantizer.zeroPoints?.[0] ?? 0;
        expect(zero).toBeGreaterThanOrEqual(quantizer.qmin);
        expect(zero).toBeLessThanOrEqual(quantizer.qmax);
      }),
    );
  });

  it('leaves outliers out where that is what costs, near the best of all ranges', async () => {
    const values = [...laplacian(200_000), 30];
    const observer = observed(values);
    const start = minmax(observer);
    const { cost } = await refined(observer, start);
    let best = Infinity;
    for (let upper = 0; upper > -0.95; upper -= 0.02)
      for (let lower = 0; lower < 0.3; lower += 0.02)
        best = Math.min(best, activationNoise(observer, withEnds(start, lower, upper)));
    expect(cost).toBeLessThan(activationNoise(observer, start) * 0.85);
    expect(cost).toBeLessThan(best * 1.1);
  });

  it('moves no end that is at zero', async () => {
    const observer = observed(normal(1000).map(Math.abs));
    const { quantizer } = await refined(observer, minmax(observer));
    expect(quantizer.zeroPoints![0]).toBe(quantizer.qmin);
  });
});
