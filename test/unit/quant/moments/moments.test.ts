import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/engine/data/random';
import { convGeometry, patchLength } from '../../../../src/quant/conv/ConvGeometry';
import { InputMoments } from '../../../../src/quant/moments/InputMoments';
import { meanSquares, outputError, outputSignal } from '../../../../src/quant/moments/outputError';
import { convPatches, matrixPatches, type PatchSource } from '../../../../src/quant/moments/PatchSource';
import type { Decibels } from '../../../../src/core/measure/Decibels';
import { UserError } from '../../../../src/base/UserError';
import { convolve, CONVOLUTIONS, elements, type Convolution } from '../convolve';
import { normal } from '../fitted';

const all = { mostPositions: Infinity, random: () => 0 };

/** Inputs as after a ReLU: none negative, and neighbours alike. */
function activations(count: number, seed: number): Float32Array {
  const noise = normal(count + 1, seed);
  return Float32Array.from({ length: count }, (_, i) => Math.max(0, noise[i]! + noise[i + 1]! + 0.5));
}

function gathered(sources: readonly PatchSource[], groups: number, mostNumbers?: number): InputMoments {
  const moments = new InputMoments(sources[0]!.inputs, groups, mostNumbers);
  for (const source of sources) moments.add(source, all);
  return moments;
}

function convSource(convolution: Convolution, input: Float32Array): PatchSource {
  return convPatches(convGeometry(convolution.input, convolution.weight, convolution), input);
}

const meanSquare = (values: readonly number[]) => values.reduce((sum, x) => sum + x * x, 0) / values.length;

/** Mean square of each output channel, the layer run on all samples. */
function channelSquares(
  convolution: Convolution,
  samples: readonly Float32Array[],
  w: Float32Array,
  bias: Float32Array | null,
): number[] {
  const values: number[][] = Array.from({ length: convolution.weight[0] }, () => []);
  for (const sample of samples) {
    const { dims, values: outputs } = convolve(convolution, sample, w);
    outputs.forEach((value, i) => {
      const channel = Math.floor(i / (dims[2] * dims[3])) % dims[1];
      values[channel]!.push(value + (bias?.[channel] ?? 0));
    });
  }
  return values.map(meanSquare);
}

function sqnrDb(
  weights: Float32Array,
  errors: Float32Array,
  moments: InputMoments,
  bias: Float32Array | null = null,
): Decibels {
  const signal = outputSignal(weights, bias, moments);
  return outputError(signal, meanSquares(errors, moments), moments).sqnrDb;
}

function expectClose(found: ArrayLike<number>, wanted: readonly number[], relative = 1e-9): void {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs(found[i]! / value - 1)).toBeLessThan(relative);
  });
}

describe('the error of a convolution, from second moments of its inputs,', () => {
  it.each(CONVOLUTIONS)('is that of the layer when run: %s', (_, convolution) => {
    const samples = [1, 2, 3].map((seed) => activations(elements(convolution.input), seed));
    const count = elements(convolution.weight);
    const [weights, errors, bias] = [
      normal(count, 5),
      normal(count, 6, 0.01),
      normal(convolution.weight[0], 7),
    ];
    const moments = gathered(
      samples.map((sample) => convSource(convolution, sample)),
      convolution.group,
    );
    const signal = channelSquares(convolution, samples, weights, bias);
    const noise = channelSquares(convolution, samples, errors, null);
    expect(moments.exact).toBe(true);
    expectClose(outputSignal(weights, bias, moments), signal);
    expectClose(meanSquares(errors, moments), noise);
    const total = (squares: readonly number[]) => squares.reduce((a, b) => a + b);
    expect(sqnrDb(weights, errors, moments, bias)).toBeCloseTo(
      10 * Math.log10(total(signal) / total(noise)),
      9,
    );
  });

  it('is none where the weights are exact', () => {
    const [, convolution] = CONVOLUTIONS[0]!;
    const source = convSource(convolution, activations(elements(convolution.input), 1));
    const count = elements(convolution.weight);
    expect(sqnrDb(normal(count), new Float32Array(count), gathered([source], 1))).toBe('equal');
  });
});

describe('the vectors of a matrix', () => {
  it('are its rows or its columns', () => {
    const matrix = Float32Array.from({ length: 12 }, (_, i) => i);
    const vectors = (source: PatchSource) =>
      Array.from({ length: source.positions }, (_, position) => {
        const vector = new Float32Array(source.inputs);
        source.copy(position, vector, 0);
        return [...vector];
      });
    expect(vectors(matrixPatches(matrix, 4))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
    expect(vectors(matrixPatches(matrix, 2, 3))).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
      [6, 9],
      [7, 10],
      [8, 11],
    ]);
  });

  it('give the error of a matrix product', () => {
    const [inputs, outputs, rows] = [37, 5, 100];
    const x = activations(rows * inputs, 4);
    const d = normal(outputs * inputs, 8);
    const noise = meanSquares(d, gathered([matrixPatches(x, inputs)], 1));
    const products = Array.from({ length: outputs }, (_, output) =>
      meanSquare(
        Array.from({ length: rows }, (_, row) => {
          let sum = 0;
          for (let i = 0; i < inputs; i++) sum += x[row * inputs + i]! * d[output * inputs + i]!;
          return sum;
        }),
      ),
    );
    expectClose(noise, products);
  });
});

describe('second moments', () => {
  const [, grouped] = CONVOLUTIONS[5]!;
  const samples = [1, 2, 3, 4].map((seed) => activations(elements(grouped.input), seed));
  const sources = samples.map((sample) => convSource(grouped, sample));

  it('are what they were after being written down', () => {
    const moments = gathered(sources, 3, 54 * 4);
    expect(InputMoments.from(structuredClone(moments.state)).state).toEqual(moments.state);
    const { state } = moments;
    expect(() => InputMoments.from({ ...state, block: 5 })).toThrow(UserError);
    expect(() => InputMoments.from({ ...state, sums: state.sums.subarray(1) })).toThrow(UserError);
  });

  it.each([1, 4, 7])('in blocks of %d are known within the blocks, and by their means beyond', (block) => {
    const moments = gathered(sources, 3, 54 * block + 1);
    expect([moments.block, moments.exact]).toEqual([block, false]);
    const vectors = sources.flatMap((source) =>
      Array.from({ length: source.positions }, (_, position) => {
        const vector = new Float32Array(54);
        source.copy(position, vector, 0);
        return vector.slice(18, 36);
      }),
    );
    const mean = (product: (x: Float32Array) => number) =>
      vectors.reduce((sum, x) => sum + product(x), 0) / vectors.length;
    const d = normal(18, 3);
    let wanted = 0;
    for (let i = 0; i < 18; i++)
      for (let j = 0; j < 18; j++) {
        const together = Math.floor(i / block) === Math.floor(j / block);
        const product = together ? mean((x) => x[i]! * x[j]!) : mean((x) => x[i]!) * mean((x) => x[j]!);
        wanted += d[i]! * d[j]! * product;
      }
    expect(moments.meanSquare(1, d)).toBeCloseTo(wanted, 9);
  });

  it('estimated in blocks are right within a decibel where inputs are hardly correlated', () => {
    const [inputs, outputs] = [64, 16];
    const source = matrixPatches(
      normal(500 * inputs, 2).map((x) => Math.max(0, x)),
      inputs,
    );
    const [w, d] = [normal(outputs * inputs, 3), normal(outputs * inputs, 4, 0.01)];
    const [exact, diagonal] = [gathered([source], 1), gathered([source], 1, inputs)];
    expect([exact.exact, diagonal.exact]).toEqual([true, false]);
    expect(Math.abs(Number(sqnrDb(w, d, exact)) - Number(sqnrDb(w, d, diagonal)))).toBeLessThan(1);
  });

  it('of positions sampled at random are on average those of all', () => {
    const exact = gathered(sources, 3);
    const d = normal(18, 9);
    const random = new Random(1);
    const runs = Array.from({ length: 800 }, () => {
      const moments = new InputMoments(54, 3);
      for (const source of sources) moments.add(source, { mostPositions: 7, random: () => random.uniform() });
      expect(moments.count).toBeCloseTo(exact.count, 9);
      return moments.meanSquare(0, d);
    });
    const average = runs.reduce((sum, value) => sum + value, 0) / runs.length;
    const deviation = Math.sqrt(meanSquare(runs.map((value) => value - average)) / runs.length);
    expect(deviation).toBeGreaterThan(0);
    expect(Math.abs(average - exact.meanSquare(0, d))).toBeLessThan(4 * deviation);
  });

  it('leave out vectors that are not finite, and are not exact then', () => {
    const x = Float32Array.of(1, 2, NaN, 1, 3, 4, Infinity, 0);
    const moments = gathered([matrixPatches(x, 2)], 1);
    expect([moments.count, moments.skipped, moments.exact]).toEqual([2, 2, false]);
    expect(InputMoments.from(moments.state).exact).toBe(false);
    expect(moments.meanSquare(0, [1, 1])).toBe((9 + 49) / 2);
  });

  it('refuse what does not fit', () => {
    expect(() => new InputMoments(10, 3)).toThrow(UserError);
    expect(() => new InputMoments(10, 1, 9)).toThrow(UserError);
    const moments = new InputMoments(54, 3);
    expect(() => moments.add(matrixPatches(new Float32Array(8), 4), all)).toThrow(UserError);
    expect(() => matrixPatches(new Float32Array(7), 4)).toThrow(UserError);
    expect(() => convPatches(convGeometry([1, 1, 3, 3], [1, 1, 1, 1]), new Float32Array(8))).toThrow(
      UserError,
    );
    const d = new Float32Array(36);
    expect(() => meanSquares(d, moments)).toThrow(UserError);
    expect(() => outputSignal(new Float32Array(54), d, moments)).toThrow(UserError);
  });
});

describe('sizes of a convolution', () => {
  const axis = (attributes: Parameters<typeof convGeometry>[2], length = 7, kernel = 3) =>
    convGeometry([1, 1, length], [1, 1, kernel], attributes).across;

  it('with automatic padding have as many outputs as strides fit', () => {
    for (const stride of [1, 2, 3])
      for (const dilation of [1, 2])
        for (const autoPad of ['SAME_UPPER', 'SAME_LOWER'] as const) {
          const { output } = axis({ strides: [stride], dilations: [dilation], autoPad });
          expect(output).toBe(Math.ceil(7 / stride));
        }
    expect(axis({ autoPad: 'SAME_UPPER' }, 8, 4).before).toBe(1);
    expect(axis({ autoPad: 'SAME_LOWER' }, 8, 4).before).toBe(2);
    expect(axis({ autoPad: 'VALID', pads: [9, 9] }).output).toBe(5);
    expect(patchLength(convGeometry([1, 6, 5, 5], [4, 3, 2, 2], { group: 2 }))).toBe(12);
  });

  it.each([
    [[1, 1, 3], [1, 1, 4], {}],
    [[1, 2, 3], [1, 1, 1], {}],
    [[1, 2, 3], [3, 1, 1], { group: 2 }],
    [[1, 1, 3], [1, 1, 1], { strides: [0] }],
    [[1, 1, 3], [1, 1, 1], { pads: [1] }],
    [[1, 1, 3], [1, 1, 1], { pads: [-1, 0] }],
    [[1, 1, 3], [1, 1, 1], { dilations: [1.5] }],
    [[1, 1, 3], [1, 1, 1], { pads: [2 ** 31 - 1, 2 ** 31 - 1] }],
    [[0, 1, 3], [1, 1, 1], {}],
    [[1, 1, 3, 3], [1, 1, 1], {}],
    [[1, 1], [1, 1], {}],
    [[1, 1, 2, 2, 2], [1, 1, 1, 1, 1], {}],
  ])('are refused where they do not fit: %j, %j, %j', (input, weight, attributes) => {
    expect(() => convGeometry(input, weight, attributes)).toThrow(UserError);
  });
});

describe('inputs of which none is finite', () => {
  it('tell nothing of the error, which is not taken for none', () => {
    const moments = new InputMoments(2, 1);
    moments.add(matrixPatches(Float32Array.of(NaN, 1, 1, Infinity), 2), all);
    expect(sqnrDb(Float32Array.of(1, 2), Float32Array.of(0.1, 0.2), moments)).toBe('broken');
  });
});
