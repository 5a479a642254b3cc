import { describe, expect, it } from 'vitest';
import type { EncodedScalars } from '../../../../src/quant/EncodedTensor';
import { scalesForBias } from '../../../../src/quant/integer/scalesForBias';
import { withSign } from '../../../../src/quant/integer/withSign';

const LAYOUT = { outer: 2, channels: 3, inner: 2 };
const CODES = Int8Array.of(127, -127, 100, -50, 1, 2, 64, 3, -100, 50, 5, 127);

function tensor(...scales: number[]): EncodedScalars {
  return {
    kind: 'scalars',
    bits: 8,
    codes: new Uint8Array(CODES.buffer.slice(0)),
    numbers: { kind: 'integer', signed: true, zeroPoints: null },
    scales: { values: Float32Array.from(scales), block: null },
  };
}

describe('scales for biases', () => {
  it('are the same where there is room', () => {
    const weights = tensor(0.1, 0.2, 0.3);
    expect(scalesForBias(weights, LAYOUT, Float32Array.of(1, -1, 5), 0.01)).toBe(weights);
  });

  it('grow in channels whose bias would not fit, whose codes shrink with them', () => {
    const inputScale = 0.01;
    const raised = scalesForBias(tensor(0.1, 1e-9, 0.3), LAYOUT, Float32Array.of(1, -2, 5), inputScale);
    const values = raised.scales!.values as Float32Array;
    expect([values[0], values[2]]).toEqual([Math.fround(0.1), Math.fround(0.3)]);
    expect(Math.round(2 / (values[1]! * inputScale))).toBeLessThanOrEqual(2 ** 31 - 1 - 255 * 127 * 1000);
    const factor = 1e-9 / values[1]!;
    expect(factor).toBeLessThan(0.01);
    const expected = Array.from(CODES);
    // Elements of channel 1: (outer, channel, inner) in row-major order.
    for (const i of [2, 3, 8, 9]) expected[i] = Math.round(CODES[i]! * factor);
    expect(Array.from(new Int8Array(raised.codes.buffer), (code) => code + 0)).toEqual(
      expected.map((code) => code + 0),
    );
  });

  it('keep their sign', () => {
    const weights = tensor(-0.1, -1e-9, 0.3);
    const raised = scalesForBias(weights, LAYOUT, Float32Array.of(1, -2, 5), 0.01);
    const values = raised.scales!.values as Float32Array;
    expect(values[1]).toBeLessThan(-1e-7);
    expect([values[0], values[2]]).toEqual([Math.fround(-0.1), Math.fround(0.3)]);
    const room = tensor(-0.1, 0.2, -0.3);
    expect(scalesForBias(room, LAYOUT, Float32Array.of(1, -1, 5), 0.01)).toBe(room);
  });

  it('leave numbers around their zero points', () => {
    const signed = tensor(0.1, 1e-9, 0.3);
    const bias = Float32Array.of(1, -2, 5);
    const unsigned = scalesForBias(withSign(signed, false), LAYOUT, bias, 0.01);
    expect(unsigned).toEqual(withSign(scalesForBias(signed, LAYOUT, bias, 0.01), false));
  });

  it('grow for the whole tensor if it has but one', () => {
    const raised = scalesForBias(tensor(1e-9), LAYOUT, Float32Array.of(0, -2, 0), 0.01);
    expect(new Int8Array(raised.codes.buffer).every((code) => Math.abs(code) <= 1)).toBe(true);
  });
});
