import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { SampleList } from '../../../../src/engine/data/calibrationSamples';
import { repairSamples } from '../../../../src/engine/recovery/repairSamples';

/** Samples that are told apart by the file that they come from. */
function listOf(count: number): SampleList {
  const files = (indices: readonly number[]) => indices.map((i) => `file ${i}`);
  const none = () => {
    throw new Error('Nothing is read here.');
  };
  return { count, labels: null, files, options: (indices) => indices, read: none, readInput: none };
}

const filesOf = (list: SampleList) => list.files(Array.from({ length: list.count }, (_, i) => i));

describe('the samples of repairs', () => {
  it('are all there up to a number, and none both fits and judges', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), (count) => {
        const { fitted, judged } = repairSamples(listOf(count))!;
        expect(judged.count).toBeGreaterThan(0);
        expect(fitted.count).toBeGreaterThanOrEqual(judged.count);
        const all = [...filesOf(fitted), ...filesOf(judged)];
        expect(new Set(all).size).toBe(all.length);
        // Beyond these, more data costs no more time.
        expect(all).toHaveLength(Math.min(count, 128 + judged.count));
      }),
    );
  });

  it('cannot be made of one', () => {
    expect(repairSamples(listOf(1))).toBeNull();
  });
});
