import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorGrowth, meanErrors } from '../../../../src/quant/bias/biasCorrection';
import { channelSums } from '../../../../src/quant/bias/ChannelSums';

const number = fc.double({ min: -8, max: 8, noNaN: true });
const size = fc.integer({ min: 1, max: 4 });

/** A tensor of three axes, and the index along one of them of every element. */
const tensors = fc
  .record({ shape: fc.tuple(size, size, size), axis: fc.integer({ min: 0, max: 2 }) })
  .chain(({ shape, axis }) => {
    const [a, b, c] = shape;
    const channelAt = (i: number) => [Math.floor(i / (b * c)), Math.floor(i / c) % b, i % c][axis]!;
    const data = fc.array(number, { minLength: a * b * c, maxLength: a * b * c });
    return fc
      .record({ shape: fc.constant([...shape]), axis: fc.constant(axis), data, other: data })
      .map((each) => ({
        ...each,
        channels: shape[axis]!,
        channelAt,
      }));
  });

describe('sums of channels', () => {
  it('are those of the elements with one index', () => {
    fc.assert(
      fc.property(tensors, ({ shape, axis, data, channels, channelAt }) => {
        const { sums, count } = channelSums(data, shape, axis);
        expect(sums).toHaveLength(channels);
        for (let c = 0; c < channels; c++) {
          const own = data.filter((_, i) => channelAt(i) === c);
          expect(own).toHaveLength(count);
          expect(sums[c]).toBeCloseTo(
            own.reduce((sum, each) => sum + each, 0),
            9,
          );
        }
      }),
    );
  });
});

describe('a corrected bias', () => {
  it('makes the mean error zero, and the squared error least', () => {
    fc.assert(
      fc.property(tensors, number, ({ shape, axis, data, other, channelAt }, shift) => {
        const sums = (values: readonly number[]) => channelSums(values, shape, axis);
        const errors = meanErrors([{ float: sums(data), quantized: sums(other) }])!;
        const added = Float32Array.from(errors.means);
        const corrected = other.map((value, i) => value + added[channelAt(i)]!);
        const left = meanErrors([{ float: sums(data), quantized: sums(corrected) }])!;
        for (const mean of left.means) expect(Math.abs(mean)).toBeLessThan(1e-5);
        const shifted = added.map((each) => each + shift);
        expect(errorGrowth(added, errors)).toBeLessThanOrEqual(errorGrowth(shifted, errors) + 1e-5);
      }),
    );
  });

  it('changes the squared error by as much as it says', () => {
    fc.assert(
      fc.property(tensors, fc.array(number, { minLength: 4, maxLength: 4 }), (tensor, numbers) => {
        const { shape, axis, data, other, channels, channelAt } = tensor;
        const added = Float32Array.from(numbers.slice(0, channels));
        const squares = (values: readonly number[]) =>
          values.reduce((sum, value, i) => sum + (data[i]! - value) ** 2, 0);
        const growth = squares(other.map((value, i) => value + added[channelAt(i)]!)) - squares(other);
        const errors = meanErrors([
          { float: channelSums(data, shape, axis), quantized: channelSums(other, shape, axis) },
        ])!;
        expect(errorGrowth(added, errors)).toBeCloseTo(growth, 6);
      }),
    );
  });

  it('takes each element of all samples for as much as any other', () => {
    const one = { float: channelSums([1, 2], [2, 1], 1), quantized: channelSums([0, 0], [2, 1], 1) };
    const two = { float: channelSums([9], [1, 1], 1), quantized: channelSums([0], [1, 1], 1) };
    expect(meanErrors([one, two])).toEqual({ means: Float64Array.of(4), count: 3 });
  });

  it('leaves out samples that cannot be compared', () => {
    const good = { float: channelSums([3], [1, 1], 1), quantized: channelSums([1], [1, 1], 1) };
    const broken = { float: channelSums([Infinity], [1, 1], 1), quantized: channelSums([1], [1, 1], 1) };
    const longer = { float: channelSums([3, 3], [2, 1], 1), quantized: channelSums([1], [1, 1], 1) };
    expect(meanErrors([broken, good, longer])).toEqual({ means: Float64Array.of(2), count: 1 });
    expect(meanErrors([broken])).toBeNull();
  });
});
