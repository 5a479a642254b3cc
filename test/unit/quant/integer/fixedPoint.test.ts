import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fixedPoint,
  multiply,
  roundingDivideByPowerOfTwo,
  saturatingRoundingDoublingHighMul,
} from '../../../reference/integer/fixedPoint';

const LEAST = -(2 ** 31);
const GREATEST = 2 ** 31 - 1;
const EDGES = [LEAST, LEAST + 1, -65536, -32768, -1, 0, 1, 32767, 65535, 65536, 2 ** 30, GREATEST];
const int32 = fc.oneof(fc.integer({ min: LEAST, max: GREATEST }), fc.constantFrom(...EDGES));

/** gemmlowp's definition, in 64-bit integers: a nudge with the product's sign, then a division that truncates. */
function highMul(a: number, b: number): number {
  if (a === LEAST && b === LEAST) return GREATEST;
  const product = BigInt(a) * BigInt(b);
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  return Number((product + nudge) / (1n << 31n));
}

describe('the doubling high product', () => {
  it('is that of 64-bit integers', () => {
    fc.assert(
      fc.property(int32, int32, (a, b) => {
        expect(saturatingRoundingDoublingHighMul(a, b)).toBe(highMul(a, b));
      }),
      { numRuns: 5000 },
    );
    for (const a of EDGES)
      for (const b of EDGES) expect(saturatingRoundingDoublingHighMul(a, b)).toBe(highMul(a, b));
  });
});

describe('the division by a power of two', () => {
  it('rounds to the nearest, ties away from zero', () => {
    fc.assert(
      fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, power) => {
        const rounded = Math.sign(x) * Math.round(Math.abs(x) / 2 ** power);
        expect(roundingDivideByPowerOfTwo(x, power) + 0).toBe(rounded + 0);
      }),
      { numRuns: 3000 },
    );
    expect([5, -5, 6, -6, 7].map((x) => roundingDivideByPowerOfTwo(x, 2))).toEqual([1, -1, 2, -2, 2]);
  });
});

describe('a fixed-point number', () => {
  it('is normalised and within 2^-31 of the real one', () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -31, max: 2 ** 30, noNaN: true }), (real) => {
        const { mantissa, exponent } = fixedPoint(real);
        expect(mantissa).toBeGreaterThanOrEqual(2 ** 30);
        expect(mantissa).toBeLessThanOrEqual(GREATEST);
        expect(Math.abs((mantissa * 2 ** (exponent - 31)) / real - 1)).toBeLessThanOrEqual(2 ** -31);
      }),
    );
  });

  it('is exact for powers of two, and carries where rounding reaches the next', () => {
    expect(fixedPoint(1)).toEqual({ mantissa: 2 ** 30, exponent: 1 });
    expect(fixedPoint(2 ** -9)).toEqual({ mantissa: 2 ** 30, exponent: -8 });
    expect(fixedPoint(1 - 2 ** -40)).toEqual({ mantissa: 2 ** 30, exponent: 1 });
  });

  it('saturates instead of wrapping where int32 ends', () => {
    expect(multiply(GREATEST, fixedPoint(2 ** -40))).toBe(0);
    // The greatest mantissa is a little less than 1.
    expect(multiply(1, fixedPoint(2 ** 40))).toBe(GREATEST - 1);
    expect(multiply(-5, fixedPoint(2 ** 40))).toBe(LEAST + 1);
    expect(multiply(2 ** 20, fixedPoint(2 ** 10))).toBe(2 ** 30);
  });

  it.each([0, -1, NaN, Infinity])('does not stand for %d', (real) => {
    expect(() => fixedPoint(real)).toThrow(RangeError);
  });

  it('multiplies within the two roundings of the exact product', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 24), max: 2 ** 24 }),
        fc.double({ min: 2 ** -24, max: 16, noNaN: true }),
        (x, real) => {
          const scaled = fixedPoint(real);
          const roundings = 0.5 + 2 ** Math.min(-1, scaled.exponent - 1);
          const error = Math.abs(multiply(x, scaled) - x * real);
          expect(error).toBeLessThanOrEqual(roundings + Math.abs(x * real) * 2 ** -30);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
