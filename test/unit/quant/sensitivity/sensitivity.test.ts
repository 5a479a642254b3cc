import { describe, expect, it } from 'vitest';
import {
  modelOutputError,
  worstOutput,
  type SampleNoise,
} from '../../../../src/quant/sensitivity/modelOutputError';
import { isFound, OutputReference } from '../../../../src/quant/sensitivity/OutputReference';
import { rankCorrelation } from '../../../../src/quant/sensitivity/rankCorrelation';
import { Random } from '../../../../src/engine/data/random';

const random = (seed: number) => {
  const generator = new Random(seed);
  return () => generator.uniform();
};

describe('an output against the float one', () => {
  it('has signal and noise', () => {
    const reference = new OutputReference({ shape: [1, 3, 1], data: Float32Array.of(3, 4, 0) });
    expect(reference.difference(Float32Array.of(3, 4.5, 0))).toEqual({
      signal: 25,
      noise: 0.25,
      rows: 0,
      agreeing: 0,
      winner: null,
      divergence: null,
    });
  });

  it('has Kullback-Leibler divergence and agreement where it is probabilities', () => {
    const reference = new OutputReference({ shape: [2, 2], data: Float32Array.of(0.5, 0.5, 0.25, 0.75) });
    const { divergence, rows, agreeing } = reference.difference(Float32Array.of(0.25, 0.75, 0.25, 0.75));
    expect(divergence).toBeCloseTo(0.5 * Math.log2(0.5 / 0.25) + 0.5 * Math.log2(0.5 / 0.75), 6);
    // A tie counts for the first of the two.
    expect([rows, agreeing]).toEqual([2, 1]);
    expect(reference.difference(reference.data).divergence).toBe(0);
  });

  it('takes rows of scores for classes, but neither pictures nor single numbers', () => {
    const rows = (shape: number[], data: number[]) =>
      new OutputReference({ shape, data }).difference(data).rows;
    expect(rows([2, 3], [5, -1, 2, 0, 0, 9])).toBe(2);
    expect(rows([1, 2, 3], [5, -1, 2, 0, 0, 9])).toBe(0);
    expect(rows([3, 1], [1, 1, 1])).toBe(0);
    expect(rows([1, 2, 2], [0.5, 0.5, 1, 0])).toBe(2);
  });

  it('is infinitely far where either is no finite number, even if both are alike', () => {
    const noise = (data: number[], actual: number[]) =>
      new OutputReference({ shape: [3], data }).difference(actual).noise;
    expect(noise([0, 2, 1], [0, 2, NaN])).toBe(Infinity);
    expect(noise([0, Infinity, 1], [0, 2, 1])).toBe(Infinity);
    expect(noise([NaN, Infinity, 1], [NaN, Infinity, 1])).toBe(Infinity);
    expect(noise([0, -Infinity, 1], [0, -Infinity, 1])).toBe(Infinity);
    expect(modelOutputError([sample(Infinity), sample(0)], random(1)).sqnrDb).toBe('broken');
  });

  it('is the same to the last bit, or not, with NaNs and infinities as well', () => {
    const reference = new OutputReference({ shape: [3], data: [NaN, Infinity, 0] });
    expect(reference.isSameAs([NaN, Infinity, -0])).toBe(true);
    expect(reference.isSameAs([NaN, -Infinity, 0])).toBe(false);
    expect(reference.isSameAs([1, Infinity, 0])).toBe(false);
  });

  it('has no class where a score is no number', () => {
    const reference = new OutputReference({ shape: [2, 2], data: [1, 0, 0, 1] });
    const broken = reference.difference([NaN, NaN, 0, NaN]);
    expect(broken).toMatchObject({ rows: 2, agreeing: 0, winner: -1 });
    expect(isFound(0, [broken])).toBe(false);
  });

  it('counts whole numbers of 64 bits', () => {
    const reference = new OutputReference({ shape: [2], data: BigInt64Array.of(3n, 4n) });
    expect(reference.difference(BigInt64Array.of(3n, 5n))).toMatchObject({ signal: 25, noise: 1 });
  });
});

const sample = (...noises: number[]): SampleNoise => ({
  outputs: noises.map((noise) => ({
    signal: 1,
    noise,
    rows: 0,
    agreeing: 0,
    winner: null,
    divergence: null,
  })),
  correct: null,
});

describe('the errors of samples together', () => {
  it('are those of the output that suffers most', () => {
    const samples = [sample(0.1, 0.001), sample(0.1, 0.002)];
    expect(worstOutput(samples)!.sqnrDb).toBeCloseTo(10, 9);
    expect(modelOutputError(samples, random(1))).toMatchObject({
      samples: 2,
      klDivergence: null,
      top1Agreement: null,
    });
  });

  it('are of those that can be compared, and of none are broken', () => {
    const [first] = sample(0.1).outputs;
    const partly: SampleNoise[] = [
      { outputs: [first!, null], correct: null },
      { outputs: [null, null], correct: null },
    ];
    const error = modelOutputError(partly, random(1));
    expect(error.sqnrDb).toBeCloseTo(10, 9);
    expect(error).toMatchObject({ samples: 2, notCompared: 3 });
    expect(modelOutputError([{ outputs: [null], correct: null }], random(1)).sqnrDb).toBe('broken');
    expect(modelOutputError([sample(0.1)], random(1))).not.toHaveProperty('notCompared');
  });

  it('are none where nothing differs', () => {
    expect(modelOutputError([sample(0), sample(0)], random(1))).toMatchObject({
      sqnrDb: 'equal',
      interval: null,
    });
  });

  it('have an interval that covers the truth about as often as it says', () => {
    // Noise of exponential distribution and mean 0.01: 20 dB.
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const uniform = random(trial + 1);
      const samples = Array.from({ length: 40 }, () => sample(-0.01 * Math.log(1 - uniform())));
      const { interval } = modelOutputError(samples, uniform);
      if (interval![0] <= 20 && 20 <= interval![1]) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.87);
    expect(covered / 200).toBeLessThan(0.99);
  });

  it('say how many labels were found', () => {
    const samples = [true, true, false, null].map((correct) => ({ ...sample(0.1), correct }));
    expect(modelOutputError(samples, random(1)).accuracy).toBeCloseTo(2 / 3, 9);
  });
});

describe("Spearman's rank correlation", () => {
  it('is of the order alone', () => {
    expect(rankCorrelation([1, 2, 3, 10], [2, 4, 8, 16])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 2, 3, 10], [9, 5, 1, -7])).toBeCloseTo(-1, 12);
    expect(rankCorrelation([1, 2, Infinity], [1, 2, 3])).toBeCloseTo(1, 12);
  });

  it('gives ties the mean of their ranks', () => {
    // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3.
    expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
  });

  it('says nothing of too little', () => {
    expect(rankCorrelation([1, 2], [1, 2])).toBeNull();
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNull();
  });
});
