/** Properties of every scheme that a user can choose. */
import { beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../src/quant/schemes/encode';
import { groupLength } from '../../../src/quant/GroupStats';
import { levelsOf } from '../../../src/quant/schemes/levels';
import { storageBytes } from '../../../src/quant/schemes/storage';
import { specOf } from '../../../src/core/scheme/scheme';
import { EVERY_SCHEME } from '../core/scheme/everyScheme';
import { applyTo, fit, laplacian, normal, unevenRows, type Fitted } from './fitted';

/** Schemes whose values are not simply the nearest level. */
const BY_OTHER_RULES = new Set(['ternary', 'dorefa']);
const isNearest = (id: string) => {
  const spec = specOf(id);
  return !BY_OTHER_RULES.has(spec.family) && !(spec.family === 'binary' && spec.seed !== null);
};

const ROWS = 6;
const COLS = 75;
const weights = unevenRows(ROWS, COLS);

describe.each(EVERY_SCHEME)('%s', (id) => {
  let fitted: Fitted;
  beforeAll(async () => {
    fitted = await fit(id, weights, ROWS);
  });

  it('has levels in order, each once', () => {
    const { quantizer } = fitted;
    for (let group = 0; group < quantizer.groups.count; group++) {
      const levels = levelsOf(quantizer, group);
      expect(levels.every((level, i) => i === 0 || level > levels[i - 1]!)).toBe(true);
    }
  });

  it('gives every weight a level of its group, the nearest one where that is the rule', () => {
    const { quantizer, values } = fitted;
    if (quantizer.kind === 'vector') return;
    const { groups } = quantizer;
    const levelsOfGroups = Array.from({ length: groups.count }, (_, group) => levelsOf(quantizer, group));
    const isLevel = (value: number, i: number) => {
      const column = i % COLS;
      const row = Math.floor(i / COLS);
      const group = groups.perRow === 0 ? 0 : row * groups.perRow + Math.floor(column / groups.size);
      const levels = levelsOfGroups[group]!;
      const error = Math.abs(weights[i]! - value);
      const least = isNearest(id) ? Math.abs(weights[i]! - nearest(levels, weights[i]!)) : Infinity;
      return nearest(levels, value) === value && error <= least * (1 + 1e-5) + 1e-12;
    };
    expect([...values].flatMap((value, i) => (isLevel(value, i) ? [] : [`weight ${i}: ${value}`]))).toEqual(
      [],
    );
  });

  it('measures what it does', () => {
    const { values, error } = fitted;
    let [noise, signal, most] = [0, 0, 0];
    values.forEach((value, i) => {
      noise += (weights[i]! - value) ** 2;
      signal += weights[i]! ** 2;
      most = Math.max(most, Math.abs(weights[i]! - value));
    });
    expect(error.mse).toBeCloseTo(noise / values.length, 6);
    if (noise > 0) expect(error.sqnrDb).toBeCloseTo(10 * Math.log10(signal / noise), 3);
    expect(error.maxAbs).toBeCloseTo(most, 6);
  });

  it('leaves quantized weights as they are', async () => {
    const { quantizer, values } = fitted;
    const spec = specOf(id);
    // A level between its neighbours' thresholds stays; DoReFa's levels are not among their own intervals.
    if (spec.family === 'dorefa') return;
    expect([...(await applyTo(quantizer, values))]).toEqual([...values]);
  });

  it('keeps the order of weights within a group', async () => {
    const spec = specOf(id);
    if (spec.family === 'vector' || (spec.family === 'binary' && spec.seed !== null)) return;
    const ascending = normal(16, 5).sort();
    const { values } = await fit(id, ascending, 1);
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1]!);
  });

  it('counts the bits that it takes, and an entropy that is never more', () => {
    const { quantizer, codes, error } = fitted;
    expect(error.bytes).toBe(storageBytes(quantizer));
    expect(error.bitsPerWeight).toBeCloseTo((error.bytes * 8) / weights.length, 9);
    expect(error.entropyBits).toBeLessThanOrEqual(error.bitsPerWeight + 1e-9);
    const Codes = quantizer.bits > 8 ? Uint16Array : Uint8Array;
    expect(error.bytes).toBe(encodedBytes(encode(quantizer, Codes.from(codes))));
  });

  it('takes weights as they come: zeros, one value, one weight, tiny and huge ones', async () => {
    for (const [awkward, rows] of [
      [new Float32Array(40), 2],
      [new Float32Array(40).fill(0.7), 2],
      [new Float32Array(40).fill(-3), 4],
      [[5], 1],
      [[-1, 1, 0], 3],
      [normal(40, 2, 1e-14), 2],
      [normal(40, 3, 1e16), 2],
      [[...normal(39, 4), 1e6], 1],
    ] as const) {
      const { values, error, quantizer } = await fit(id, awkward, rows);
      expect(values.every(Number.isFinite)).toBe(true);
      expect(Number.isFinite(error.mse)).toBe(true);
      for (let group = 0; group < quantizer.groups.count; group++) {
        expect(groupLength(quantizer.groups, group)).toBeGreaterThan(0);
        expect(levelsOf(quantizer, group).every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('gives the same for the same weights', async () => {
    const [first, second] = [await fit(id, laplacian(300), 3), await fit(id, laplacian(300), 3)];
    expect(first.codes).toEqual(second.codes);
    expect(first.quantizer).toEqual(second.quantizer);
  });
});

/** The level that is nearest to `x`, of levels in ascending order. */
function nearest(levels: Float32Array, x: number): number {
  let [low, high] = [0, levels.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (levels[middle]! <= x) low = middle;
    else high = middle;
  }
  return Math.abs(levels[low]! - x) <= Math.abs(levels[high]! - x) ? levels[low]! : levels[high]!;
}

/** Bytes of an encoded tensor, from its parts. */
function encodedBytes(tensor: ReturnType<typeof encode>): number {
  const packed = (count: number) => Math.ceil((count * tensor.bits) / 8);
  if (tensor.kind === 'vectors') return packed(tensor.codes.length) + tensor.codebooks.byteLength;
  const { numbers, scales } = tensor;
  const zeroPoints = numbers.kind === 'integer' && numbers.zeroPoints ? packed(numbers.zeroPoints.length) : 0;
  const tables = numbers.kind === 'table' && numbers.own ? numbers.entries.byteLength : 0;
  return packed(tensor.codes.length) + (scales?.values.byteLength ?? 0) + zeroPoints + tables;
}
