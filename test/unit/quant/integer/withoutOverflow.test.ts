import { describe, expect, it } from 'vitest';
import type { EncodedScalars } from '../../../../src/quant/EncodedTensor';
import { integerNumbers } from '../../../../src/quant/integer/integerNumbers';
import { inputCount, overflowingPairs, overflows } from '../../../../src/quant/integer/pairSums';
import { productInputs, productOffsets, type ProductOrder } from '../../../../src/quant/integer/productOrder';
import { withoutOverflow } from '../../../../src/quant/integer/withoutOverflow';
import { conv2dSums, dot, pairedDot } from '../../../reference/integer/pairedProducts';

/** Park and Miller 1988; 0 to 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % (2 ** 31 - 1)) / (2 ** 31 - 1);
}

/** Bell-shaped, as weights are. */
function weightsOf(count: number, next: () => number): Float32Array {
  return Float32Array.from({ length: count }, () => next() + next() + next() - 1.5);
}

/** Rounded to the nearest, the largest magnitude of each channel, or of all, at 127. */
function encoded(weights: Float32Array, order: ProductOrder, perChannel = true): EncodedScalars {
  const { channels, inner } = order.layout;
  const of = (i: number) => (perChannel ? Math.floor(i / inner) % channels : 0);
  const scales = new Float32Array(perChannel ? channels : 1);
  weights.forEach((weight, i) => (scales[of(i)] = Math.max(scales[of(i)]!, Math.abs(weight) / 127)));
  const codes = Int8Array.from(weights, (weight, i) => Math.round(weight / scales[of(i)]!));
  return {
    kind: 'scalars',
    bits: 8,
    codes: new Uint8Array(codes.buffer),
    numbers: { kind: 'integer', signed: true, zeroPoints: null },
    scales: { values: scales, block: null },
  };
}

function squaredError(weights: Float32Array, tensor: EncodedScalars, order: ProductOrder): number {
  const { channels, inner } = order.layout;
  const scales = tensor.scales!.values as Float32Array;
  const numbers = integerNumbers(tensor, order.layout);
  return weights.reduce((sum, weight, i) => {
    const scale = scales[scales.length === 1 ? 0 : Math.floor(i / inner) % channels]!;
    return sum + (weight - numbers[i]! * scale) ** 2;
  }, 0);
}

/** The rows of products, channel by channel. */
function rowsOf(tensor: EncodedScalars, order: ProductOrder): number[][] {
  const numbers = integerNumbers(tensor, order.layout);
  const offsets = Array.from(productOffsets(order));
  return Array.from({ length: order.layout.channels }, (_, channel) =>
    offsets.map((offset) => numbers[channel * order.layout.inner + offset]!),
  );
}

/** Greatest codes of input channels: all there are, or fewer in each. */
function greatestCodes(order: ProductOrder, next: (() => number) | null): Uint8Array {
  return Uint8Array.from({ length: inputCount(order) }, () => (next ? Math.floor(256 * next()) : 255));
}

const ORDERS: Record<string, ProductOrder> = {
  'a matrix of columns': { layout: { outer: 9, channels: 5, inner: 1 }, positions: 1, groups: 1 },
  'a matrix of rows': { layout: { outer: 1, channels: 5, inner: 8 }, positions: 1, groups: 1 },
  'a convolution in groups': { layout: { outer: 1, channels: 6, inner: 18 }, positions: 9, groups: 2 },
  'a convolution': { layout: { outer: 1, channels: 6, inner: 27 }, positions: 9, groups: 1 },
};

describe('the order of products', () => {
  it('of a convolution is that of channels last', () => {
    // Two input channels, three positions.
    const order = { layout: { outer: 1, channels: 4, inner: 6 }, positions: 3, groups: 1 };
    expect(Array.from(productOffsets(order))).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it('of a matrix goes from row to row', () => {
    expect(
      Array.from(productOffsets({ layout: { outer: 3, channels: 4, inner: 1 }, positions: 1, groups: 1 })),
    ).toEqual([0, 4, 8]);
    expect(
      Array.from(productOffsets({ layout: { outer: 1, channels: 4, inner: 3 }, positions: 1, groups: 1 })),
    ).toEqual([0, 1, 2]);
  });
});

describe('pairs of products', () => {
  it('overflow exactly where some activations up to the greatest saturate them', () => {
    for (const [greatest, other] of [
      [255, 255],
      [255, 100],
      [37, 200],
    ] as const) {
      // The ends are enough, as a product is monotonous in its activation; -2^15 itself is not used.
      const ends = [0, greatest].flatMap((x) => [0, other].map((y) => [x, y] as const));
      for (let a = -128; a < 128; a++)
        for (let b = -128; b < 128; b++) {
          const most = Math.max(...ends.map(([x, y]) => Math.abs(a * x + b * y)));
          const saturates = ends.some(([x, y]) => pairedDot([x, y], [a, b]) !== a * x + b * y);
          if (overflows(a, b, greatest, other) !== (saturates || most === 2 ** 15))
            expect.fail(`${a}, ${b} with ${greatest}, ${other}`);
        }
    }
  });

  it.each(Object.entries(ORDERS))('of %s are counted', (_, order) => {
    const { outer, channels, inner } = order.layout;
    const next = random(3);
    const tensor = encoded(weightsOf(outer * channels * inner, next), order);
    for (const greatest of [greatestCodes(order, null), greatestCodes(order, () => 0.7 + 0.3 * next())]) {
      const expected = rowsOf(tensor, order).reduce((sum, row, channel) => {
        const most = Array.from(productInputs(order, channel), (input) => greatest[input]!);
        const found = row.filter(
          (code, i) => i % 2 === 0 && overflows(code, row[i + 1] ?? 0, most[i]!, most[i + 1] ?? 0),
        );
        return sum + found.length;
      }, 0);
      expect(expected).toBeGreaterThan(0);
      expect(overflowingPairs(tensor, order, greatest)).toBe(expected);
    }
  });
});

describe('weights without overflow', () => {
  it.each(
    Object.entries(ORDERS).flatMap(([name, order]) => [1, 2, 3].map((seed) => [name, seed, order] as const)),
  )(
    '%s, seed %i: computed in 16 bits as exactly, with all activations that there may be',
    (_, seed, order) => {
      const { outer, channels, inner } = order.layout;
      const next = random(seed);
      const weights = weightsOf(outer * channels * inner, next);
      for (const perChannel of [true, false])
        for (const greatest of [greatestCodes(order, null), greatestCodes(order, next)]) {
          const tensor = encoded(weights, order, perChannel);
          const safe = withoutOverflow(tensor, order, greatest, weights);
          expect(overflowingPairs(safe, order, greatest)).toBe(0);
          rowsOf(safe, order).forEach((row, channel) => {
            const most = Array.from(productInputs(order, channel), (input) => greatest[input]!);
            for (let round = 0; round < 10; round++) {
              const activations = most.map((code) => (next() < 0.5 ? code : Math.floor(next() * (code + 1))));
              expect(pairedDot(activations, row)).toBe(dot(activations, row));
            }
          });
          // Better than 7 bits for all.
          const halved = Int8Array.from(integerNumbers(tensor, order.layout), (code) => Math.round(code / 2));
          const scales = tensor.scales!.values as Float32Array;
          const seven = {
            ...tensor,
            codes: new Uint8Array(halved.buffer),
            scales: { values: scales.map((scale) => 2 * scale), block: null },
          };
          expect(squaredError(weights, safe, order)).toBeLessThan(squaredError(weights, seven, order));
        }
    },
  );

  it('are as they were in channels that have none, and altogether where no channel has', () => {
    const order = { layout: { outer: 1, channels: 2, inner: 4 }, positions: 1, groups: 1 };
    const all = greatestCodes(order, null);
    const weights = Float32Array.of(127, 100, 3, 4, 127, -100, 1, 127);
    const safe = withoutOverflow(encoded(weights, order), order, all, weights);
    expect(rowsOf(safe, order)[1]).toEqual([127, -100, 1, 127]);
    expect((safe.scales!.values as Float32Array)[1]).toBe(1);
    expect((safe.scales!.values as Float32Array)[0]).toBeGreaterThan(1);
    const none = Float32Array.of(127, 1, -127, -1, 127, 0, -127, 100);
    const tensor = encoded(none, order);
    expect(withoutOverflow(tensor, order, all, none)).toBe(tensor);
    // With smaller activations nothing overflows.
    const other = encoded(weights, order);
    expect(withoutOverflow(other, order, new Uint8Array(4).fill(120), weights)).toBe(other);
  });

  it.each([
    [255, 255],
    [255, 160],
    [140, 250],
  ])('have the least error of all codes and scales that are tried, up to %i and %i', (greatest, other) => {
    const order = { layout: { outer: 1, channels: 1, inner: 3 }, positions: 1, groups: 1 };
    const next = random(11);
    for (let round = 0; round < 10; round++) {
      const weights = Float32Array.of(127, 60 + 60 * next(), 250 * next() - 125);
      const tensor = encoded(weights, order);
      const most = (weights[0]! * greatest + weights[1]! * other) / (2 ** 15 - 1);
      let least = Infinity;
      for (let step = 0; step <= 8; step++) {
        const factor = Math.max(1, 1 + ((most - 1) * step) / 8);
        for (let a = 0; a <= 127; a++)
          for (let b = 0; b <= 127; b++) {
            if (overflows(a, b, greatest, other)) continue;
            const third = weights[2]! - Math.round(weights[2]! / factor) * factor;
            const error = (weights[0]! - a * factor) ** 2 + (weights[1]! - b * factor) ** 2 + third ** 2;
            least = Math.min(least, error);
          }
      }
      const codes = Uint8Array.of(greatest, other, 255);
      const found = squaredError(weights, withoutOverflow(tensor, order, codes, weights), order);
      expect(found).toBeCloseTo(least, 2);
    }
  });

  it('keep codes that were chosen otherwise than to the nearest, where a pair alone is moved', () => {
    const order = { layout: { outer: 1, channels: 1, inner: 64 }, positions: 1, groups: 1 };
    const codes = Int8Array.from({ length: 64 }, (_, i) => (i < 2 ? [100, 29][i]! : 20 - (i % 40)));
    const tensor = { ...encoded(new Float32Array(64).fill(127), order), codes: new Uint8Array(codes.buffer) };
    // Weights that are more than half a step away.
    const weights = Float32Array.from(codes, (code) => code + 0.8);
    const [row] = rowsOf(withoutOverflow(tensor, order, greatestCodes(order, null), weights), order);
    expect(row!.slice(2)).toEqual(Array.from(codes.subarray(2)));
    expect(row![0]! + row![1]!).toBe(128);
  });

  it.each([1, 2])('of a convolution in %i groups: all its sums are exact', (groups) => {
    const dims = [4, 4 / groups, 3, 3];
    const inner = 36 / groups;
    const order = { layout: { outer: 1, channels: 4, inner }, positions: 9, groups };
    const next = random(5);
    const weights = weightsOf(4 * inner, next);
    const greatest = greatestCodes(order, () => 0.4 + 0.6 * next());
    const input = {
      dims: [1, 4, 5, 5],
      data: Uint8Array.from({ length: 100 }, (_, i) => (next() < 0.7 ? greatest[Math.floor(i / 25)]! : 0)),
    };
    const sums = (multiply: typeof dot, numbers: Int8Array) =>
      conv2dSums(multiply, input, { dims, data: numbers }, 3, { pads: [1, 1, 1, 1], group: groups });
    const codesOf = (tensor: EncodedScalars) => Int8Array.from(integerNumbers(tensor, order.layout));
    const tensor = encoded(weights, order);
    const [before, after] = [tensor, withoutOverflow(tensor, order, greatest, weights)].map(codesOf) as [
      Int8Array,
      Int8Array,
    ];
    expect(sums(pairedDot, before)).not.toEqual(sums(dot, before));
    expect(sums(pairedDot, after)).toEqual(sums(dot, after));
  });
});
