import { describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/base/UserError';
import { meanSquares } from '../../../../src/quant/moments/outputError';
import { tapRows } from '../../../../src/quant/moments/tapRows';
import { roundingProblem } from '../../../../src/quant/rounding/Grid';
import { factorMoments } from '../../../../src/quant/rounding/MomentsFactor';
import { levelsOf } from '../../../../src/quant/schemes/levels';
import { gptq } from '../../../reference/rounding/gptq';
import { EVERY_SCHEME } from '../../core/scheme/everyScheme';
import { applyTo, fit, normal, unevenRows } from '../fitted';
import { correlated, errorsOf, momentsOf, rounded, total } from './problems';

const ROWS = 6;
const COLS = 75;
const weights = unevenRows(ROWS, COLS, 3);
const moments = momentsOf(correlated(400, COLS, 5), COLS);

describe.each(EVERY_SCHEME)('rounding to %s', (id) => {
  it('gives levels that stay when they are quantized, and never a larger error than nearest; or says why not', async () => {
    const { quantizer } = await fit(id, weights, ROWS);
    if (roundingProblem(quantizer) !== null) {
      await expect(rounded(id, weights, ROWS, moments)).rejects.toThrow(UserError);
      return;
    }
    const result = await rounded(id, weights, ROWS, moments);
    expect(await applyTo(quantizer, result.values)).toEqual(result.values);
    const before = errorsOf(weights, { values: result.nearest }, moments);
    expect([...result.before]).toEqual([...before]);
    const after = errorsOf(weights, result, moments);
    expect([...result.after]).toEqual([...after]);
    if (quantizer.kind !== 'vector')
      after.forEach((error, row) => expect(error).toBeLessThanOrEqual(before[row]!));
    expect(total(after)).toBeLessThanOrEqual(total(before));
    // On even grids and correlated inputs there is always much to gain.
    if (quantizer.kind === 'affine') expect(total(after)).toBeLessThan(0.7 * total(before));
    expect((await rounded(id, weights, ROWS, moments)).values).toEqual(result.values);
  });
});

describe('rounding by moments', () => {
  it.each(['int3', 'nf4', 'uint4/block32', 'log4', 'fp4', 'ternary'])(
    'equals GPTQ as published for %s',
    async (id) => {
      const inputs = 24;
      const own = normal(5 * inputs, 11);
      const each = momentsOf(correlated(200, inputs, 12), inputs);
      const { values, quantizer, factor, nearest, before } = await rounded(id, own, 5, each);
      const { products, count } = each.state;
      const { damping } = factor.blocks[0]![0]!;
      const hessian = Array.from({ length: inputs }, (_, i) =>
        Array.from({ length: inputs }, (_, j) => {
          const product = products[Math.min(i, j) * inputs + Math.max(i, j)]! / count;
          return product + (i === j ? damping : 0);
        }),
      );
      const { perRow, size } = quantizer.groups;
      for (let r = 0; r < 5; r++) {
        const levels = (i: number) =>
          levelsOf(quantizer, perRow === 0 ? 0 : r * perRow + Math.floor(i / size));
        const wanted = gptq([...own.subarray(r * inputs, (r + 1) * inputs)], hessian, (x, i) =>
          levels(i).reduce((best, level) => (Math.abs(level - x) < Math.abs(best - x) ? level : best)),
        );
        const d = own.map(
          (w, i) => w - (i >= r * inputs && i < (r + 1) * inputs ? wanted[i % inputs]! : nearest[i]!),
        );
        const better = meanSquares(d, each)[r]! < before[r]!;
        const expected = better ? wanted : [...nearest.subarray(r * inputs, (r + 1) * inputs)];
        const found = [...values.subarray(r * inputs, (r + 1) * inputs)];
        // A zero has the sign of its scale.
        expect(found.map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
      }
    },
  );

  it('equals nearest where inputs have nothing in common', async () => {
    const diagonal = momentsOf(correlated(50, COLS, 7), COLS, 1, COLS);
    for (const id of ['int4', 'nf4/block16', 'log4', 'binary', 'uint3/tensor'])
      expect((await rounded(id, weights, ROWS, diagonal)).values).toEqual(
        (await fit(id, weights, ROWS)).values,
      );
  });

  it('comes within 1.5 times the least error that there is, found by trying all', async () => {
    const inputs = 5;
    let [found, least] = [0, 0];
    for (let seed = 1; seed <= 30; seed++) {
      const each = momentsOf(correlated(40, inputs, seed), inputs);
      const own = normal(inputs, seed + 100);
      const { quantizer, after } = await rounded('int3', own, 1, each);
      const levels = [...levelsOf(quantizer, 0)];
      const d = new Float32Array(inputs);
      let best = Infinity;
      for (let code = 0; code < levels.length ** inputs; code++) {
        for (let i = 0, rest = code; i < inputs; i++, rest = Math.floor(rest / levels.length))
          d[i] = own[i]! - levels[rest % levels.length]!;
        best = Math.min(best, each.meanSquare(0, d));
      }
      found += after[0]!;
      least += best;
      expect(after[0]).toBeLessThan(4 * best);
    }
    expect(found).toBeLessThan(1.5 * least);
  });

  it('does not depend on the order of inputs', async () => {
    const inputs = 20;
    const vectors = correlated(100, inputs, 21);
    const own = normal(3 * inputs, 22);
    const turned = (numbers: Float32Array) =>
      numbers.map((_, at) => numbers[Math.floor(at / inputs) * inputs + (((at % inputs) * 7 + 3) % inputs)]!);
    const straight = await rounded('int4', own, 3, momentsOf(vectors, inputs));
    const other = await rounded('int4', turned(own), 3, momentsOf(turned(vectors), inputs));
    straight.after.forEach((error, row) => expect(other.after[row]).toBeCloseTo(error, 5));
    expect(other.values).toEqual(turned(straight.values));
  });

  it('takes each group by itself, and inputs of which nothing is known', async () => {
    const groups = 4;
    const perGroup = 9;
    const own = normal(8 * perGroup, 31);
    const vectors = correlated(60, groups * perGroup, 32);
    for (let at = 0; at < vectors.length; at++) if (at % 36 === 5 || at % 36 >= 27) vectors[at] = 0;
    const each = momentsOf(vectors, groups * perGroup, groups);
    const { values, nearest } = await rounded('int4', own, 8, each);
    // The last group reads nothing but zeros, and the sixth input is one.
    expect(values.subarray(6 * perGroup)).toEqual(nearest.subarray(6 * perGroup));
    for (const row of [0, 1]) expect(values[row * perGroup + 5]).toBe(nearest[row * perGroup + 5]);
    expect(values).not.toEqual(nearest);
    const second = vectors.filter((_, at) => at % 36 >= 9 && at % 36 < 18);
    const alone = await rounded(
      'int4',
      own.slice(2 * perGroup, 4 * perGroup),
      2,
      momentsOf(second, perGroup),
    );
    expect(values.slice(2 * perGroup, 4 * perGroup)).toEqual(alone.values);
  });

  it.each(['int4', 'int4/block16', 'uint3', 'codebook3', 'vq2x16'])(
    'finds the rows of a transposed convolution for %s',
    async (id) => {
      const [groups, inputs, taps, channels] = [2, 6, 4, 3];
      const own = normal(channels * groups * inputs * taps, 41);
      const each = momentsOf(correlated(80, groups * inputs, 42), groups * inputs, groups);
      const { values, nearest, after, before } = await rounded(id, own, channels, each, { taps });
      const errors = (of: Float32Array) =>
        meanSquares(
          tapRows(
            own.map((w, i) => w - of[i]!),
            groups,
            inputs,
            taps,
          ),
          each,
        );
      expect([...after]).toEqual([...errors(values)]);
      expect([...before]).toEqual([...errors(nearest)]);
      expect(total(after)).toBeLessThan(0.95 * total(before));
    },
  );

  it('keeps inputs of different blocks apart where moments are kept in blocks', async () => {
    const each = momentsOf(correlated(100, 48, 51), 48, 1, 48 * 20);
    expect(each.block).toBe(20);
    const own = normal(4 * 48, 52);
    const { after, before, factor } = await rounded('int3', own, 4, each);
    expect(factor.blocks[0]!.map(({ start, count }) => [start, count])).toEqual([
      [0, 20],
      [20, 20],
      [40, 8],
    ]);
    expect(total(after)).toBeLessThan(total(before));
  });
});

describe('factorMoments', () => {
  it('gives back the matrix', () => {
    const inputs = 17;
    const each = momentsOf(correlated(60, inputs, 61), inputs);
    const { products, count } = each.state;
    const { order, shares, pivots, damping } = factorMoments(each.state, { damping: 0.05 }).blocks[0]![0]!;
    const mean = total(Array.from({ length: inputs }, (_, i) => products[i * inputs + i]! / count)) / inputs;
    expect(damping).toBeCloseTo(0.05 * mean, 9);
    const share = (j: number, k: number) => (j === k ? 1 : k > j ? shares[j * inputs + k]! : 0);
    for (let a = 0; a < inputs; a++)
      for (let b = a; b < inputs; b++) {
        const product = total(
          Array.from({ length: inputs }, (_, j) => share(j, a) * pivots[j]! * share(j, b)),
        );
        const [i, j] = [order[a]!, order[b]!].sort((x, y) => x - y) as [number, number];
        const wanted = products[i * inputs + j]! / count + (a === b ? damping : 0);
        expect(product).toBeCloseTo(wanted, 4);
      }
  });

  it('raises the damping where there are too few vectors for the numbers to hold', () => {
    // One vector alone: rank one.
    const each = momentsOf(Float32Array.of(1e4, 1e4, 1e4, 1e4), 4);
    const { pivots } = factorMoments(each.state, { damping: 1e-18 }).blocks[0]![0]!;
    expect(pivots.every((pivot) => pivot > 0)).toBe(true);
  });
});
