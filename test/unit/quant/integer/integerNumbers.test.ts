import { describe, expect, it } from 'vitest';
import type { EncodedScalars } from '../../../../src/quant/EncodedTensor';
import { codesSqnrDb } from '../../../../src/quant/integer/codesSqnrDb';
import { integerNumbers } from '../../../../src/quant/integer/integerNumbers';
import { withSign } from '../../../../src/quant/integer/withSign';

const LAYOUT = { outer: 2, channels: 2, inner: 3 };
const CODES = [0, 1, 127, 128, 200, 255, 3, 250, 129, 126, 64, 192];

function tensor(signed: boolean, zeroPoints: readonly number[] | null): EncodedScalars {
  return {
    kind: 'scalars',
    bits: 8,
    codes: Uint8Array.from(CODES),
    numbers: { kind: 'integer', signed, zeroPoints: zeroPoints && Uint8Array.from(zeroPoints) },
    scales: { values: Float32Array.of(0.5, 0.25), block: null },
  };
}

/** Element by element, as ONNX DequantizeLinear says. */
function expected({ codes, numbers }: EncodedScalars): number[] {
  if (numbers.kind !== 'integer') throw new Error('no integers');
  const { signed, zeroPoints } = numbers;
  const value = (byte: number) => (signed && byte > 127 ? byte - 256 : byte);
  return Array.from(codes, (code, i) => {
    const channel = Math.floor(i / LAYOUT.inner) % LAYOUT.channels;
    const zero = zeroPoints ? zeroPoints[zeroPoints.length === 1 ? 0 : channel]! : 0;
    return value(code) - value(zero);
  });
}

const TENSORS = [true, false].flatMap((signed) =>
  [null, [7], [250, 128], [128, 128], [0, 0]].map((zeroPoints) => [signed, zeroPoints] as const),
);

describe('numbers of 8-bit codes', () => {
  it.each(TENSORS)('signed %s with zero points %j', (signed, zeroPoints) => {
    const given = tensor(signed, zeroPoints);
    expect(Array.from(integerNumbers(given, LAYOUT))).toEqual(expected(given));
  });

  it.each(TENSORS)('signed %s with zero points %j are the same in the other codes', (signed, zeroPoints) => {
    const given = tensor(signed, zeroPoints);
    const other = withSign(given, !signed);
    expect(other.numbers).toMatchObject({ signed: !signed });
    expect(Array.from(integerNumbers(other, LAYOUT))).toEqual(expected(given));
    expect(withSign(given, signed)).toBe(given);
    expect(Array.from(withSign(other, signed).codes)).toEqual(CODES);
  });

  it('need no zero points where signed ones are around zero', () => {
    expect(withSign(tensor(false, [128, 128]), true).numbers).toMatchObject({ zeroPoints: null });
    expect(withSign(tensor(false, [128, 127]), true).numbers).not.toMatchObject({ zeroPoints: null });
    expect(withSign(tensor(true, null), false).numbers).toMatchObject({
      zeroPoints: Uint8Array.of(128, 128),
    });
  });

  it('are compared with the weights scaled', () => {
    const given = tensor(false, [100, 128]);
    const scales = [0.5, 0.25];
    const weights = Float32Array.from(
      expected(given),
      (number, i) => number * scales[Math.floor(i / 3) % 2]!,
    );
    expect(codesSqnrDb(weights, given, LAYOUT)).toBe('exact');
    const off = weights.map((weight, i) => weight + (i === 0 ? 1 : 0));
    const signal = off.reduce((sum, weight) => sum + weight * weight, 0);
    expect(codesSqnrDb(off, given, LAYOUT)).toBeCloseTo(10 * Math.log10(signal), 9);
  });
});
