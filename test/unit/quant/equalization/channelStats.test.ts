import { expect, it } from 'vitest';
import { ChannelStats } from '../../../../src/quant/equalization/ChannelStats';
import { expectedNoise } from '../../../../src/quant/equalization/expectedNoise';

it('magnitudes of channels are those of all samples, wherever the channels are', () => {
  const stats = new ChannelStats(2);
  stats.add([1, -2, 3, -4, 5, -6, 7, -8], { outer: 2, channels: 2, inner: 2 });
  stats.add([10, -20], { outer: 1, channels: 2, inner: 1 });
  expect([...stats.maximum]).toEqual([10, 20]);
  expect([...stats.mean]).toEqual([(1 + 2 + 5 + 6 + 10) / 5, (3 + 4 + 7 + 8 + 20) / 5]);
  expect([...stats.meanSquare]).toEqual([(1 + 4 + 25 + 36 + 100) / 5, (9 + 16 + 49 + 64 + 400) / 5]);
});

it('expected noise of errors that have nothing to do with each other is that of simulation', () => {
  const [outputs, inputs] = [3, 4];
  let seed = 1;
  const uniform = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32 - 0.5;
  };
  const error = Float32Array.from({ length: inputs * outputs }, uniform);
  const map = { groups: 1, repeat: outputs, channels: inputs, inner: 1 };
  const spread = [1, 5, 0.2, 3];
  const runs = 40_000;
  let sum = 0;
  for (let run = 0; run < runs; run++) {
    const x = spread.map((width) => width * uniform());
    for (let o = 0; o < outputs; o++)
      sum += x.reduce((all, value, j) => all + value * error[o * inputs + j]!, 0) ** 2;
  }
  const meanSquare = spread.map((width) => (width * width) / 12);
  expect(expectedNoise(error, map, meanSquare) / (sum / runs)).toBeCloseTo(1, 1);
});
