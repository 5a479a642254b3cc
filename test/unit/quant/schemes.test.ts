import { describe, expect, it } from 'vitest';
import { encode } from '../../../src/quant/encode';
import { levelsOf } from '../../../src/quant/levels';
import { scalesOf } from '../../../src/quant/Quantizer';
import type { RowStats } from '../../../src/quant/RowStats';
import { SCHEMES } from '../../../src/quant/Scheme';
import { storageBytes } from '../../../src/quant/storage';
import { weightError } from '../../../src/quant/weightError';
import { QUANTIZING_SCHEMES } from '../../../src/shared/scheme';

/** Statistics of rows given as lists of weights. */
function statsOf(...rows: number[][]): RowStats {
  const of = (measure: (row: number[]) => number) => Float64Array.from(rows, measure);
  return {
    cols: rows[0]!.length,
    min: of((row) => Math.min(...row)),
    max: of((row) => Math.max(...row)),
    sumAbs: of((row) => row.reduce((sum, x) => sum + Math.abs(x), 0)),
    sumSquares: of((row) => row.reduce((sum, x) => sum + x * x, 0)),
  };
}

describe('int8', () => {
  it('scales each row to its largest magnitude', () => {
    const { scales, zeroPoints, qmin, qmax } = SCHEMES.int8(statsOf([-2, 1], [0.5, 0.25])) as never as {
      scales: Float32Array;
      zeroPoints: null;
      qmin: number;
      qmax: number;
    };
    expect([...scales]).toEqual([Math.fround(2 / 127), Math.fround(0.5 / 127)]);
    expect([zeroPoints, qmin, qmax]).toEqual([null, -127, 127]);
  });

  it('has one scale for the tensor when asked', () => {
    const quantizer = SCHEMES['int8/tensor'](statsOf([-2, 1], [0.5, 0.25]));
    expect([...scalesOf(quantizer)]).toEqual([Math.fround(2 / 127)]);
  });

  it('gives a row of zeros a scale that can be divided by', () => {
    expect([...scalesOf(SCHEMES.int8(statsOf([0, 0])))]).toEqual([1]);
  });

  it('keeps every level finite and every scale above zero at the ends of float32', () => {
    const largest = 3.4028234663852886e38;
    for (const id of QUANTIZING_SCHEMES) {
      for (const magnitude of [largest, 1e-45, 2 ** -130]) {
        const quantizer = SCHEMES[id](statsOf([magnitude, -magnitude]));
        expect(levelsOf(quantizer, 0).every(Number.isFinite), `${id} at ${magnitude}`).toBe(true);
        expect(scalesOf(quantizer)[0]).toBeGreaterThan(0);
      }
    }
  });
});

describe('uint8', () => {
  it('represents zero exactly, also for rows on one side of it', () => {
    for (const row of [
      [-1, 3],
      [1, 3],
      [-3, -1],
      [0, 0],
      [-1e-3, 7],
    ])
      expect(levelsOf(SCHEMES.uint8(statsOf(row)), 0)).toContain(0);
  });

  it('covers the range of the row', () => {
    const levels = levelsOf(SCHEMES.uint8(statsOf([-1, 3])), 0);
    const step = 4 / 255;
    expect(levels).toHaveLength(256);
    expect(levels[0]).toBeGreaterThan(-1 - step);
    expect(levels[0]).toBeLessThan(-1 + step);
    expect(levels[255]).toBeGreaterThan(3 - step);
  });
});

describe('log4', () => {
  it('has zero and seven powers of two on each side', () => {
    expect([...levelsOf(SCHEMES.log4(statsOf([0.9, -0.1])), 0)]).toEqual([
      ...[1, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625].map((level) => -level),
      0,
      ...[0.015625, 0.03125, 0.0625, 0.125, 0.25, 0.5, 1],
    ]);
  });

  it.each([
    [1, 1],
    [1.4999, 1],
    [1.5, 2],
    [2, 2],
    [0.75, 1],
    [0.7499, 0.5],
    [2 ** 127, 2 ** 127],
    [3.4e38, 2 ** 127],
    [2 ** -149, 2 ** -120],
  ])('takes for %f the largest level %f', (magnitude, level) => {
    expect(levelsOf(SCHEMES.log4(statsOf([magnitude])), 0).at(-1)).toBe(level);
  });
});

describe('binary', () => {
  it('is the mean magnitude on either side', () => {
    expect([...levelsOf(SCHEMES.binary(statsOf([1, -2, 3, 0])), 0)]).toEqual([-1.5, 1.5]);
  });
});

describe('storageBytes', () => {
  const stats = statsOf([1, 2, 3], [4, 5, 6]);

  it.each([
    ['int8', 6 + 2 * 4],
    ['int8/tensor', 6 + 4],
    ['uint8', 6 + 2 * 4 + 2],
    ['int4', 3 + 2 * 4],
    ['log4', 3 + 2 * 4],
    ['binary', 1 + 2 * 4],
  ] as const)('%s counts codes, scales and zero points: %i bytes', (id, bytes) => {
    expect(storageBytes(SCHEMES[id](stats), 6)).toBe(bytes);
  });
});

describe('encode', () => {
  it('stands for the levels that are drawn', () => {
    const stats = statsOf([-0.9, 0.2, 0.7]);
    for (const id of QUANTIZING_SCHEMES) {
      const quantizer = SCHEMES[id](stats);
      const { bits, signed, table, scales, zeroPoints } = encode(quantizer, new Uint8Array(3));
      const levels = new Set(levelsOf(quantizer, 0));
      const values = Array.from({ length: 2 ** bits }, (_, code) => {
        const number = signed && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
        return Math.fround((table ? table[code]! : number - (zeroPoints?.[0] ?? 0)) * scales[0]!);
      });
      // A symmetric code leaves the most negative number unused.
      expect(values.filter((value) => levels.has(value)).length, id).toBeGreaterThanOrEqual(2 ** bits - 1);
      for (const level of levels) expect(values).toContain(level);
    }
  });
});

describe('weightError', () => {
  it('follows its definitions', () => {
    const x = [1, -2, 3];
    const q = [1, -2.5, 2];
    const sum = (terms: number[]) => terms.reduce((a, b) => a + b, 0);
    const noise = sum(x.map((value, i) => (value - q[i]!) ** 2));
    const signal = sum(x.map((value) => value ** 2));
    const quantized = sum(q.map((value) => value ** 2));
    const error = weightError({ weights: 3, signal, noise, quantized, maxAbs: 1 }, 6);
    const dot = sum(x.map((value, i) => value * q[i]!));
    expect(error.mse).toBeCloseTo(1.25 / 3, 12);
    expect(error.sqnrDb).toBeCloseTo(10 * Math.log10(14 / 1.25), 12);
    expect(error.cosine).toBeCloseTo(dot / Math.sqrt(signal * quantized), 12);
    expect(error.bitsPerWeight).toBe(16);
  });

  it('calls no error exact', () => {
    const error = weightError({ weights: 2, signal: 5, noise: 0, quantized: 5, maxAbs: 0 }, 2);
    expect([error.sqnrDb, error.cosine, error.mse]).toEqual([null, 1, 0]);
  });

  it('is defined for no weights and for lost signals', () => {
    expect(weightError({ weights: 0, signal: 0, noise: 0, quantized: 0, maxAbs: 0 }, 0).bitsPerWeight).toBe(
      0,
    );
    expect(weightError({ weights: 1, signal: 1, noise: 1, quantized: 0, maxAbs: 1 }, 1)).toMatchObject({
      sqnrDb: 0,
      cosine: 0,
    });
  });
});
