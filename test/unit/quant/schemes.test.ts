/** Each scheme against its definition. */
import { describe, expect, it } from 'vitest';
import { levelsOf } from '../../../src/quant/schemes/levels';
import { MINIFLOATS } from '../../../src/core/scheme/Minifloat';
import type { AffineQuantizer, Quantizer } from '../../../src/quant/Quantizer';
import { storageBytes } from '../../../src/quant/schemes/storage';
import { fit, type Fitted, laplacian, normal, unevenRows } from './fitted';

const levels = async (id: string, weights: ArrayLike<number>, rows = 1) => [
  ...levelsOf((await fit(id, weights, rows)).quantizer, 0),
];
const affine = async (id: string, weights: ArrayLike<number>, rows = 1) =>
  (await fit(id, weights, rows)).quantizer as AffineQuantizer;
const scalesOf = (quantizer: Quantizer) => ('scales' in quantizer ? [...quantizer.scales] : []);

describe('symmetric integers', () => {
  it('scale each row to its largest magnitude', async () => {
    const { scales, zeroPoints, qmin, qmax } = await affine('int8', [-2, 1, 0.5, 0.25], 2);
    expect([...scales]).toEqual([Math.fround(2 / 127), Math.fround(0.5 / 127)]);
    expect([zeroPoints, qmin, qmax]).toEqual([null, -127, 127]);
  });

  it('have one scale for the tensor when asked', async () => {
    expect(scalesOf(await affine('int8/tensor', [-2, 1, 0.5, 0.25], 2))).toEqual([Math.fround(2 / 127)]);
  });

  it('have a scale per block, of which the last of a row may be short', async () => {
    const weights = [...normal(20, 1), ...normal(20, 2, 10)];
    const { scales, groups } = await affine('int4/even/block16', weights, 2);
    expect([groups.count, groups.perRow]).toEqual([4, 2]);
    const blocks = [weights.slice(0, 16), weights.slice(16, 20), weights.slice(20, 36), weights.slice(36)];
    const expected = blocks.map((block) => Math.fround(Math.max(...block.map(Math.abs)) / 7));
    expect([...scales]).toEqual(expected);
  });

  it('give a row of zeros a scale that can be divided by', async () => {
    expect(scalesOf(await affine('int8', [0, 0]))).toEqual([1]);
  });

  it('may be unsigned, with zero in the middle', async () => {
    const weights = laplacian(50);
    const [signed, unsigned] = [await fit('int8', weights), await fit('uint8/sym', weights)];
    expect(unsigned.values).toEqual(signed.values);
    expect((unsigned.quantizer as AffineQuantizer).zeroPoints![0]).toBe(128);
  });

  it.each([2, 3, 5, 6, 7])('of %i bits have, if asked, as many levels below zero as above', async (bits) => {
    const all = await levels(`int${bits}/even`, [1, -0.3]);
    expect(all).toHaveLength(2 ** bits - 1);
    expect(all.at(-1)).toBeCloseTo(1, 6);
  });

  it('from the signed maximum use every code: it is the lowest, whatever its sign', async () => {
    const { scales, qmin, qmax } = await affine('int4/signed', [-2, 1, 0.5, 0.25, 4, -1, 0.5, 0], 2);
    expect([...scales]).toEqual([0.25, -0.5]);
    expect([qmin, qmax]).toEqual([-8, 7]);
    const { values, codes } = await fit('int4/signed', [4, -1, 0.6, -3.9, -3.6]);
    expect(codes.map((code) => (code << 24) >> 24)).toEqual([-8, 2, -1, 7, 7]);
    expect([...values]).toEqual([4, -1, 0.5, -3.5, -3.5]);
    expect(await levels('int3/signed', [1, -0.3])).toEqual([-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1]);
    expect(await affine('uint4/sym/signed', [4, -1])).toMatchObject({
      zeroPoints: Int32Array.of(8),
      qmin: 0,
      qmax: 15,
    });
  });

  it('take in each group what has the smaller error, below 8 bits', async () => {
    const weights = normal(64 * 32, 4);
    const [even, signed, usual] = await Promise.all(
      ['int4/even/block32', 'int4/signed/block32', 'int4/block32'].map((id) => fit(id, weights, 64)),
    );
    const noiseOf = ({ values }: Fitted, group: number) =>
      values
        .subarray(group * 32, group * 32 + 32)
        .reduce((sum, value, i) => sum + (value - weights[group * 32 + i]!) ** 2, 0);
    let evenGroups = 0;
    for (let group = 0; group < 64; group++) {
      const least = Math.min(noiseOf(even!, group), noiseOf(signed!, group));
      expect(noiseOf(usual!, group)).toBeLessThanOrEqual(least * (1 + 1e-6));
      if (noiseOf(even!, group) < noiseOf(signed!, group)) evenGroups++;
    }
    expect(evenGroups).toBeGreaterThan(0);
    expect(evenGroups).toBeLessThan(64);
  });

  it.each(['int8', 'int16'])('%s have as many levels above zero as below', async (id) => {
    const { quantizer } = await fit(id, normal(100));
    expect(quantizer).toEqual((await fit(`${id}/even`, normal(100))).quantizer);
    expect(scalesOf(quantizer)[0]).toBeGreaterThan(0);
  });

  it('of 16 bits are nearly exact', async () => {
    expect((await fit('int16', normal(1000))).error.sqnrDb).toBeGreaterThan(85);
  });
});

describe('asymmetric integers', () => {
  it.each(['uint8', 'int8/asym', 'uint4', 'uint2', 'uint16'])(
    '%s represent zero exactly, also for rows on one side of it',
    async (id) => {
      for (const row of [
        [-1, 3],
        [1, 3],
        [-3, -1],
        [0, 0],
        [-1e-3, 7],
      ])
        expect(await levels(id, row)).toContain(0);
    },
  );

  it('cover the range of the row', async () => {
    const all = await levels('uint8', [-1, 3]);
    const step = 4 / 255;
    expect(all).toHaveLength(256);
    expect(all[0]).toBeGreaterThan(-1 - step);
    expect(all[0]).toBeLessThan(-1 + step);
    expect(all[255]).toBeGreaterThan(3 - step);
  });

  it('are the same levels, signed or not', async () => {
    const weights = laplacian(50).map((x) => x + 0.4);
    expect((await fit('int8/asym', weights)).values).toEqual((await fit('uint8', weights)).values);
  });
});

describe('powers of two', () => {
  it('are zero and seven powers on each side for 4 bits', async () => {
    expect(await levels('log4', [0.9, -0.1])).toEqual([
      ...[1, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625].map((level) => -level),
      0,
      ...[0.015625, 0.03125, 0.0625, 0.125, 0.25, 0.5, 1],
    ]);
  });

  it.each([
    [1, 1],
    [1.4999, 1],
    [1.5, 2],
    [2, 2],
    [0.75, 1],
    [0.7499, 0.5],
  ])('take for %f the largest level %f', async (magnitude, level) => {
    expect((await levels('log4', [magnitude])).at(-1)).toBe(level);
  });

  it.each([2, 3, 5, 8])('are 2^bits - 1 levels for %i bits', async (bits) => {
    expect(await levels(`log${bits}`, [1])).toHaveLength(2 ** bits - 1);
  });

  it('of the root of two lie between', async () => {
    expect(await levels('log3/sqrt2', [1])).toEqual(
      [-1, -Math.SQRT1_2, -0.5, 0, 0.5, Math.SQRT1_2, 1].map(Math.fround),
    );
  });
});

describe('additive powers of two', () => {
  it('for 5 bits are the sums of two terms of two bits each', async () => {
    const [first, second] = [
      [0, 1, 1 / 4, 1 / 16],
      [0, 1 / 2, 1 / 8, 1 / 32],
    ];
    const sums = first.flatMap((a) => second.map((b) => (a + b) / 1.5)).sort((a, b) => a - b);
    expect((await levels('apot5', [1])).slice(15)).toEqual(sums.map(Math.fround));
  });

  it.each([3, 4, 5, 6, 7, 8])('are 2^bits - 1 levels for %i bits', async (bits) => {
    expect(await levels(`apot${bits}`, [1])).toHaveLength(2 ** bits - 1);
  });
});

describe('small floats', () => {
  it('reach to the largest weight', async () => {
    for (const id of ['fp8e4m3', 'fp8e5m2', 'fp4', 'fp6e2m3', 'fp6e3m2'])
      expect((await levels(id, [-0.3, 0.7])).at(-1)).toBeCloseTo(0.7, 6);
  });

  it('are 0, 0.5, 1, 1.5, 2, 3, 4, 6 for FP4', async () => {
    const all = await levels('fp4', [6]);
    expect(all.slice(7)).toEqual([0, 0.5, 1, 1.5, 2, 3, 4, 6]);
  });

  it('keep what bfloat16 and half hold', async () => {
    const weights = [1, -0.5, 1.0078125, 3.140625, 2 ** -30];
    expect([...(await fit('bf16', weights)).values]).toEqual(weights);
    expect([...(await fit('fp16', [1, 1.0009765625, -0.333251953125])).values]).toEqual([
      1, 1.0009765625, -0.333251953125,
    ]);
  });

  it("share a power of two in microscaling: the exponent of the largest weight less the format's", async () => {
    const { quantizer } = await fit('mxfp4', [...new Array<number>(32).fill(0.3), 5, 0, 0], 1);
    expect(scalesOf(quantizer)).toEqual([2 ** (-2 - 2), 2 ** (2 - 2)]);
  });
});

describe('binary and ternary', () => {
  it('are the mean magnitude on either side', async () => {
    expect(await levels('binary', [1, -2, 3, 0])).toEqual([-1.5, 1.5]);
    expect(await levels('binary/unit', [1, -2, 3, 0])).toEqual([-1, 1]);
  });

  it('draw the sign with the hard sigmoid as its chance', async () => {
    const { values } = await fit('binary/unit/stochastic3', new Float32Array(20_000).fill(0.5));
    const share = values.filter((value) => value === 1).length / values.length;
    expect(share).toBeCloseTo(0.75, 1);
    expect((await fit('binary/unit/stochastic4', new Float32Array(100).fill(0))).codes).not.toEqual(
      (await fit('binary/unit/stochastic5', new Float32Array(100).fill(0))).codes,
    );
  });

  it('leave out what is below 0.7 of the mean magnitude', async () => {
    // The mean magnitude is 1, and those kept have the mean 2.
    const { values } = await fit('ternary', [2, -2, 0.69, -0.5, 0.4, 0.41], 1);
    expect([...values]).toEqual([2, -2, 0, 0, 0, 0]);
  });
});

describe('DoReFa', () => {
  /** Zhou et al. 2016, equations 5 and 9, word for word. */
  const paper = (weights: readonly number[], bits: number) => {
    const n = 2 ** bits - 1;
    const most = Math.max(...weights.map((w) => Math.abs(Math.tanh(w))));
    return weights.map((w) => (2 * Math.round(n * (Math.tanh(w) / (2 * most) + 0.5))) / n - 1);
  };

  it.each([2, 3, 4, 8])('is equation 9 for %i bits', async (bits) => {
    const weights = [...laplacian(200)];
    const { values } = await fit(`dorefa${bits}/unit`, weights);
    const expected = paper(weights, bits);
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  });

  it('is scaled to the least squared error otherwise', async () => {
    const weights = laplacian(500);
    const { values, error, quantizer } = await fit('dorefa4', weights);
    const scale = scalesOf(quantizer)[0]!;
    for (const other of [0.99, 1.01]) {
      const noise = weights.reduce((sum, w, i) => sum + (w - values[i]! * other) ** 2, 0) / weights.length;
      expect(noise).toBeGreaterThan(error.mse);
    }
    expect(scale).toBeGreaterThan(0);
  });

  it('of one bit is the mean magnitude', async () => {
    const weights = [1, -2, 3, -2];
    expect([...(await fit('dorefa1', weights)).values]).toEqual([2, -2, 2, -2]);
  });
});

describe('codebooks', () => {
  it('of as many levels as weights are exact', async () => {
    expect((await fit('codebook2', [1, 5, 5, -3, 0.25, 1])).error.sqnrDb).toBe('exact');
  });

  it('are never worse than a uniform grid with as many levels, or Lloyd from one', async () => {
    for (const weights of [normal(3000), laplacian(3000), unevenRows(6, 500)])
      for (const bits of [2, 3, 4]) {
        const { error } = await fit(`codebook${bits}`, weights);
        const uniform = await fit(`uint${bits}/tensor/mse`, weights);
        expect(error.mse).toBeLessThan(uniform.error.mse);
        expect(error.mse).toBeLessThanOrEqual(lloydFromUniform(weights, 2 ** bits) * (1 + 1e-6));
      }
  });

  it('of each channel suit weights of many magnitudes better', async () => {
    const weights = unevenRows(6, 500);
    const shared = await fit('codebook4', weights, 6);
    const own = await fit('codebook4/channel', weights, 6);
    expect(own.error.sqnrDb).toBeGreaterThan(Number(shared.error.sqnrDb) + 1);
  });

  it('of vectors beat those of scalars at the same rate on correlated weights', async () => {
    const noise = normal(40_000, 9);
    const weights = noise.map((x, i) => (i % 2 === 0 ? x : 0.9 * noise[i - 1]! + 0.436 * x));
    const scalar = await fit('codebook3', weights);
    const vector = await fit('vq2x64', weights);
    expect(vector.error.sqnrDb).toBeGreaterThan(Number(scalar.error.sqnrDb) + 2);
  });

  it('of vectors are no worse on uncorrelated ones', async () => {
    const weights = normal(40_000, 9);
    expect((await fit('vq2x64', weights)).error.sqnrDb).toBeGreaterThan(
      Number((await fit('codebook3', weights)).error.sqnrDb),
    );
  });

  it('of vectors with several parts are products', async () => {
    const weights = normal(4000);
    const { quantizer, codes } = await fit('vq4x16/parts2', weights);
    if (quantizer.kind !== 'vector') throw new Error('no vectors');
    expect(quantizer.codebooks).toHaveLength(2 * 16 * 2);
    expect(codes).toHaveLength((4000 / 4) * 2);
  });
});

/** Lloyd's iterations from evenly spaced levels, to the end. */
function lloydFromUniform(weights: Float32Array, count: number): number {
  const [lo, hi] = [Math.min(...weights), Math.max(...weights)];
  let centres = Array.from({ length: count }, (_, i) => lo + ((i + 0.5) * (hi - lo)) / count);
  let noise = Infinity;
  for (let step = 0; step < 500; step++) {
    const sums = new Float64Array(count);
    const counts = new Float64Array(count);
    let next = 0;
    for (const weight of weights) {
      let best = 0;
      for (let c = 1; c < count; c++)
        if (Math.abs(weight - centres[c]!) < Math.abs(weight - centres[best]!)) best = c;
      next += (weight - centres[best]!) ** 2;
      sums[best]! += weight;
      counts[best]!++;
    }
    centres = centres.map((centre, c) => (counts[c] === 0 ? centre : sums[c]! / counts[c]!));
    if (next >= noise) break;
    noise = next;
  }
  return noise / weights.length;
}

describe('the bits that a scheme takes', () => {
  it.each([
    ['int8', 6 + 2 * 4],
    ['int8/tensor', 6 + 4],
    ['uint8', 6 + 2 * 4 + 2],
    ['int16', 12 + 2 * 4],
    ['int4', 3 + 2 * 4],
    ['uint4', 3 + 2 * 4 + 1],
    ['int3', 3 + 2 * 4],
    ['log4', 3 + 2 * 4],
    ['fp8e4m3', 6 + 2 * 4],
    ['fp16', 12],
    ['mxfp4', 3 + 2],
    ['ternary', 2 + 2 * 4],
    ['binary', 1 + 2 * 4],
    ['binary/unit', 1],
    ['codebook2', 2 + 4 * 4],
    ['codebook2/channel', 2 + 2 * 4 * 4],
    ['vq2x4', 1 + 4 * 2 * 4],
  ])('%s counts codes, scales, zero points and codebooks: %i bytes', async (id, bytes) => {
    expect(storageBytes((await fit(id, [1, 2, 3, 4, 5, 6], 2)).quantizer)).toBe(bytes);
  });
});

describe('the formats', () => {
  it('name their largest numbers', () => {
    expect(MINIFLOATS.fp8e4m3.max).toBe(448);
    expect(MINIFLOATS.bf16.max).toBe(3.3895313892515355e38);
  });
});
