import { describe, expect, it } from 'vitest';
import { AWQ_ALPHAS, awqScales } from '../../../../src/quant/equalization/awqScales';
import { boundedScales, isIdentity } from '../../../../src/quant/equalization/boundedScales';
import {
  channelMagnitudes,
  elementsOf,
  scaleChannels,
  type ChannelMap,
} from '../../../../src/quant/equalization/ChannelMap';
import { crossLayerScales } from '../../../../src/quant/equalization/crossLayerScales';
import { smoothScales } from '../../../../src/quant/equalization/smoothScales';

const numbers = (count: number, spread = 1) =>
  Float32Array.from({ length: count }, (_, i) => spread * Math.sin(3 * i + 1) * (1 + (i % 7)));

describe('channels of a constant', () => {
  const maps: readonly ChannelMap[] = [
    { groups: 1, repeat: 1, channels: 4, inner: 9 },
    { groups: 1, repeat: 5, channels: 3, inner: 1 },
    { groups: 3, repeat: 2, channels: 2, inner: 4 },
    { groups: 6, repeat: 2, channels: 1, inner: 9 },
  ];

  /** The channel of each element, from its index alone. */
  const channelOf = ({ repeat, channels, inner }: ChannelMap, i: number) => {
    const c = Math.floor(i / inner) % channels;
    return Math.floor(i / (inner * channels * repeat)) * channels + c;
  };

  it.each(maps)('are scaled and measured each on its own: %o', (map) => {
    const values = numbers(elementsOf(map));
    const factors = numbers(map.groups * map.channels, 3);
    const scaled = values.slice();
    scaleChannels(scaled, map, factors);
    const expected = values.map((x, i) => x * factors[channelOf(map, i)]!);
    expect(scaled).toEqual(expected);
    const most = new Float32Array(factors.length);
    values.forEach((x, i) => (most[channelOf(map, i)] = Math.max(most[channelOf(map, i)]!, Math.abs(x))));
    expect(channelMagnitudes(values, map)).toEqual(most);
  });
});

describe('scales', () => {
  const made = Float32Array.of(1, 100, 0.01, 5, 0, 3);
  const read = Float32Array.of(2, 0.5, 4, 5, 1, 0);

  it('of cross-layer equalization make both ranges the same, and shift no dead channel', () => {
    const scales = crossLayerScales(made, read);
    for (const i of [0, 1, 2, 3]) {
      expect(made[i]! / scales[i]!).toBeCloseTo(Math.sqrt(made[i]! * read[i]!), 5);
      expect(read[i]! * scales[i]!).toBeCloseTo(Math.sqrt(made[i]! * read[i]!), 5);
    }
    expect([...boundedScales(scales).slice(4)]).toEqual([1, 1]);
  });

  it('of SmoothQuant move all, half or none of the spread of activations', () => {
    const activation = Float32Array.of(1, 64, 0.25, 5);
    const weights = Float32Array.of(1, 2, 0.5, 3);
    const all = smoothScales(activation, weights, 1);
    expect(all).toEqual(Float64Array.from(activation));
    const half = smoothScales(activation, weights, 0.5);
    for (const j of activation.keys())
      expect(activation[j]! / half[j]!).toBeCloseTo(weights[j]! * half[j]!, 5);
    const none = smoothScales(activation, weights, 0);
    for (const j of activation.keys()) expect(weights[j]! * none[j]!).toBeCloseTo(1, 6);
    expect(smoothScales([0, 3], [3, 0], 0.5).every(Number.isNaN)).toBe(true);
  });

  it('of AWQ grow with the activation', () => {
    for (const alpha of AWQ_ALPHAS) {
      const scales = awqScales([0.1, 1, 10, 0], alpha);
      expect(scales[0]).toBeLessThan(scales[1]!);
      expect(scales[2]! * scales[0]!).toBeCloseTo(1, 6);
      expect(scales[3]).toBeNaN();
    }
  });

  it('are powers of two around 1, bounded, and 1 for channels that are dead or broken', () => {
    const scales = boundedScales([0, NaN, Infinity, 3, 5.9, 6.1, 1e-9, 1e9, 100]);
    expect([...scales.slice(0, 3)]).toEqual([1, 1, 1]);
    for (const scale of scales) expect(Number.isInteger(Math.log2(scale))).toBe(true);
    expect(Math.max(...scales)).toBe(1024);
    expect(Math.min(...scales)).toBe(1 / 1024);
    expect([...scales.slice(3, 6)]).toEqual([0.5, 1, 1]);
    expect(isIdentity(boundedScales([7, 7, 7]))).toBe(true);
    expect(isIdentity(boundedScales([]))).toBe(true);
  });
});
