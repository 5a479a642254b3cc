import { describe, expect, it } from 'vitest';
import type { EncodedScalars } from '../../../../src/quant/EncodedTensor';
import { integerNumbers } from '../../../../src/quant/integer/integerNumbers';
import { MAX_PAIR, overflowingPairs, overflows } from '../../../../src/quant/integer/pairSums';
import { productOffsets, type ProductOrder } from '../../../../src/quant/integer/productOrder';
import { withoutOverflow } from '../../../../src/quant/integer/withoutOverflow';
import { dot, pairedConv2d, pairedDot } from '../../../reference/integer/pairedProducts';

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

const ORDERS: Record<string, ProductOrder> = {
  'a matrix of columns': { layout: { outer: 9, channels: 5, inner: 1 }, positions: 1 },
  'a matrix of rows': { layout: { outer: 1, channels: 5, inner: 8 }, positions: 1 },
  'a convolution': { layout: { outer: 1, channels: 6, inner: 27 }, positions: 9 },
};

describe('the order of products', () => {
  it('of a convolution is that of channels last', () => {
    // Two input channels, three positions.
    const order = { layout: { outer: 1, channels: 4, inner: 6 }, positions: 3 };
    expect(Array.from(productOffsets(order))).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it('of a matrix goes from row to row', () => {
    expect(Array.from(productOffsets({ layout: { outer: 3, channels: 4, inner: 1 }, positions: 1 }))).toEqual(
      [0, 4, 8],
    );
    expect(Array.from(productOffsets({ layout: { outer: 1, channels: 4, inner: 3 }, positions: 1 }))).toEqual(
      [0, 1, 2],
    );
  });
});

describe('pairs of products', () => {
  it('overflow exactly where some activations of 8 bits saturate them', () => {
    // The extremes are enough, as a product is monotonous in its activation.
    const ends = [0, 255];
    for (let a = -128; a < 128; a++)
      for (let b = -128; b < 128; b++) {
        const saturates = ends.some((x) => ends.some((y) => pairedDot([x, y], [a, b]) !== a * x + b * y));
        if (overflows(a, b) !== saturates) expect.fail(`${a}, ${b}`);
      }
  });

  it.each(Object.entries(ORDERS))('of %s are counted', (_, order) => {
    const { outer, channels, inner } = order.layout;
    const tensor = encoded(weightsOf(outer * channels * inner, random(3)), order);
    const expected = rowsOf(tensor, order).reduce(
      (sum, row) => sum + row.filter((code, i) => i % 2 === 0 && overflows(code, row[i + 1] ?? 0)).length,
      0,
    );
    expect(expected).toBeGreaterThan(0);
    expect(overflowingPairs(tensor, order)).toBe(expected);
  });
});

describe('weights without overflow', () => {
  it.each(
    Object.entries(ORDERS).flatMap(([name, order]) => [1, 2, 3].map((seed) => [name, seed, order] as const)),
  )('%s, seed %i: computed in 16 bits as exactly, whatever the activations', (_, seed, order) => {
    const { outer, channels, inner } = order.layout;
    const next = random(seed);
    const weights = weightsOf(outer * channels * inner, next);
    for (const perChannel of [true, false]) {
      const tensor = encoded(weights, order, perChannel);
      const safe = withoutOverflow(tensor, order, weights);
      expect(overflowingPairs(safe, order)).toBe(0);
      for (const row of rowsOf(safe, order))
        for (let round = 0; round < 20; round++) {
          const activations = row.map(() =>
            next() < 0.5 ? 255 : next() < 0.5 ? 0 : Math.floor(next() * 256),
          );
          expect(pairedDot(activations, row)).toBe(dot(activations, row));
        }
      // Better than 7 bits for all.
      const reduced = encoded(weights, order, perChannel);
      const halved = Int8Array.from(integerNumbers(tensor, order.layout), (code) => Math.round(code / 2));
      const seven = {
        ...reduced,
        codes: new Uint8Array(halved.buffer),
        scales: { values: (tensor.scales!.values as Float32Array).map((scale) => 2 * scale), block: null },
      };
      expect(squaredError(weights, safe, order)).toBeLessThan(squaredError(weights, seven, order));
    }
  });

  it('are as they were in channels that have none, and altogether where no channel has', () => {
    const order = { layout: { outer: 1, channels: 2, inner: 4 }, positions: 1 };
    const weights = Float32Array.of(127, 100, 3, 4, 127, -100, 1, 127);
    const safe = withoutOverflow(encoded(weights, order), order, weights);
    expect(rowsOf(safe, order)[1]).toEqual([127, -100, 1, 127]);
    expect((safe.scales!.values as Float32Array)[1]).toBe(1);
    expect((safe.scales!.values as Float32Array)[0]).toBeGreaterThan(1);
    const none = Float32Array.of(127, 1, -127, -1, 127, 0, -127, 100);
    const tensor = encoded(none, order);
    expect(withoutOverflow(tensor, order, none)).toBe(tensor);
  });

  it('have the least error of all codes and scales that are tried', () => {
    const order = { layout: { outer: 1, channels: 1, inner: 3 }, positions: 1 };
    const next = random(11);
    for (let round = 0; round < 10; round++) {
      const weights = Float32Array.of(127, 5 + 120 * next(), 250 * next() - 125);
      const tensor = encoded(weights, order);
      const most = (weights[0]! + weights[1]!) / MAX_PAIR;
      let least = Infinity;
      for (let step = 0; step <= 8; step++) {
        const factor = Math.max(1, 1 + ((most - 1) * step) / 8);
        for (let a = 0; a <= 127; a++)
          for (let b = 0; b <= 127; b++) {
            if (overflows(a, b)) continue;
            const third = weights[2]! - Math.round(weights[2]! / factor) * factor;
            const error = (weights[0]! - a * factor) ** 2 + (weights[1]! - b * factor) ** 2 + third ** 2;
            least = Math.min(least, error);
          }
      }
      const found = squaredError(weights, withoutOverflow(tensor, order, weights), order);
      expect(found).toBeCloseTo(least, 2);
    }
  });

  it('keep codes that were chosen otherwise than to the nearest, where a pair alone is moved', () => {
    const order = { layout: { outer: 1, channels: 1, inner: 64 }, positions: 1 };
    const codes = Int8Array.from({ length: 64 }, (_, i) => (i < 2 ? [100, 29][i]! : 20 - (i % 40)));
    const tensor = { ...encoded(new Float32Array(64).fill(127), order), codes: new Uint8Array(codes.buffer) };
    // Weights that are more than half a step away.
    const weights = Float32Array.from(codes, (code) => code + 0.8);
    const [row] = rowsOf(withoutOverflow(tensor, order, weights), order);
    expect(row!.slice(2)).toEqual(Array.from(codes.subarray(2)));
    expect(row![0]! + row![1]!).toBe(MAX_PAIR);
  });

  it('of a convolution: all its sums are exact', () => {
    const dims = [4, 3, 3, 3];
    const order = { layout: { outer: 1, channels: 4, inner: 27 }, positions: 9 };
    const next = random(5);
    const weights = weightsOf(108, next);
    const input = {
      dims: [1, 3, 5, 5],
      data: Uint8Array.from({ length: 75 }, () => (next() < 0.7 ? 255 : 0)),
    };
    const sums = (tensor: EncodedScalars, zeroPoint: number) =>
      Array.from(
        pairedConv2d(input, { dims, data: Int8Array.from(integerNumbers(tensor, order.layout)) }, zeroPoint, {
          pads: [1, 1, 1, 1],
        }),
      );
    const exact = (tensor: EncodedScalars, zeroPoint: number) => {
      // Codes of half the size cannot saturate; products are linear in them.
      const numbers = integerNumbers(tensor, order.layout);
      const part = (bit: (code: number) => number) =>
        Array.from(
          pairedConv2d(input, { dims, data: Int8Array.from(numbers, bit) }, zeroPoint, {
            pads: [1, 1, 1, 1],
          }),
        );
      const [low, high] = [
        part((code) => code - 4 * Math.trunc(code / 4)),
        part((code) => Math.trunc(code / 4)),
      ];
      return low.map((sum, i) => sum + 4 * high[i]!);
    };
    const tensor = encoded(weights, order);
    const safe = withoutOverflow(tensor, order, weights);
    expect(sums(tensor, 3)).not.toEqual(exact(tensor, 3));
    expect(sums(safe, 3)).toEqual(exact(safe, 3));
  });
});
