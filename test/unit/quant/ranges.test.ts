import { describe, expect, it } from 'vitest';
import { fit, laplacian, normal, unevenRows } from './fitted';

const sqnr = async (id: string, weights: Float32Array, rows = 1) =>
  Number((await fit(id, weights, rows)).error.sqnrDb);

describe('the range of least squared error', () => {
  it.each([
    'int8',
    'int4',
    'int3',
    'uint4',
    'int4/block32',
    'log4',
    'apot4',
    'nf4',
    'fp4',
    'fp8e4m3',
    'int4/tensor',
  ])('of %s is never worse than the full one', async (id) => {
    for (const weights of [laplacian(1500), normal(1500), unevenRows(5, 300), new Float32Array(40)]) {
      const { error: full } = await fit(id, weights, 5);
      const { error: best } = await fit(`${id}/mse`, weights, 5);
      expect(best.mse).toBeLessThanOrEqual(full.mse);
    }
  });

  it.each(['int4', 'int8', 'int2', 'nf4', 'fp4', 'apot5'])(
    'of %s is within 0.03 dB of the best of 100 shares',
    async (id) => {
      const weights = laplacian(6000, 7);
      let best = -Infinity;
      for (let share = 1; share <= 100; share++)
        best = Math.max(best, await sqnr(`${id}/tensor/clip${share / 100}`, weights));
      expect(await sqnr(`${id}/tensor/mse`, weights)).toBeGreaterThan(best - 0.03);
    },
  );

  it('cuts an outlier off', async () => {
    const weights = normal(4000);
    weights[17] = 12;
    expect(await sqnr('int4/mse', weights)).toBeGreaterThan((await sqnr('int4', weights)) + 3);
  });

  it('moves the ends of an asymmetric range apart', async () => {
    const weights = laplacian(4000).map((x) => (x < 0 ? x / 20 : x));
    const { quantizer } = await fit('uint4/mse', weights);
    if (quantizer.kind !== 'affine') throw new Error('not affine');
    expect(quantizer.zeroPoints![0]).toBeLessThan(3);
  });
});

describe('a percentile', () => {
  it.each(['int8/p90', 'int8/tensor/p90'])(
    'of magnitudes, %s, holds that share of the weights',
    async (id) => {
      const weights = normal(10_000);
      const { quantizer } = await fit(id, weights);
      if (quantizer.kind !== 'affine') throw new Error('not affine');
      const edge = quantizer.scales[0]! * 127;
      const inside = weights.filter((x) => Math.abs(x) <= edge).length;
      expect(inside / weights.length).toBeCloseTo(0.9, 2);
    },
  );

  it.each(['uint8/p98', 'uint8/tensor/p98'])('cuts %s off at both ends alike', async (id) => {
    const weights = laplacian(10_000).map((x) => (x > 0 ? 2 * x : x));
    const { quantizer } = await fit(id, weights);
    if (quantizer.kind !== 'affine') throw new Error('not affine');
    const zero = quantizer.zeroPoints![0]!;
    const scale = quantizer.scales[0]!;
    const share = (outside: (x: number) => boolean) => weights.filter(outside).length / weights.length;
    expect(share((x) => x < -zero * scale)).toBeCloseTo(0.01, 2);
    expect(share((x) => x > (255 - zero) * scale)).toBeCloseTo(0.01, 2);
  });

  it('of 100 is the full range', async () => {
    const weights = unevenRows(4, 100);
    expect((await fit('int8/p100', weights, 4)).quantizer).toEqual((await fit('int8', weights, 4)).quantizer);
  });
});

describe('a clip', () => {
  it('is a share of the full range in each group', async () => {
    const weights = unevenRows(4, 100);
    const full = (await fit('int8', weights, 4)).quantizer;
    const half = (await fit('int8/clip0.5', weights, 4)).quantizer;
    if (full.kind !== 'affine' || half.kind !== 'affine') throw new Error('not affine');
    full.scales.forEach((scale, row) => expect(half.scales[row]).toBeCloseTo(scale / 2, 6));
  });

  it('has ends of its own on an asymmetric grid', async () => {
    const { quantizer } = await fit('uint8/clip0.5:1', Float32Array.of(-2, 0, 2));
    if (quantizer.kind !== 'affine') throw new Error('not affine');
    expect(quantizer.scales[0]).toBeCloseTo(3 / 255, 6);
    expect(quantizer.zeroPoints![0]).toBe(85);
  });
});

describe('the range of least divergence', () => {
  it('cuts an outlier off', async () => {
    const weights = normal(8000);
    weights[5] = 30;
    const { quantizer } = await fit('int8/entropy', weights);
    if (quantizer.kind !== 'affine') throw new Error('not affine');
    expect(quantizer.scales[0]! * 127).toBeLessThan(12);
  });

  it('keeps most of a normal distribution', async () => {
    const { quantizer } = await fit('int8/tensor/entropy', normal(50_000));
    if (quantizer.kind !== 'affine') throw new Error('not affine');
    expect(quantizer.scales[0]! * 127).toBeGreaterThan(2);
  });
});
