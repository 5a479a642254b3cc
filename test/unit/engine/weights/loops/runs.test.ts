import { describe, expect, it } from 'vitest';
import { runs } from '../../../../../src/engine/weights/loops/runs';
import { groupsOf } from '../../../../../src/quant/Groups';
import type { Granularity } from '../../../../../src/core/scheme/SchemeSpec';

describe('runs of a block', () => {
  const granularities: Granularity[] = ['tensor', 'channel', 1, 3, 4, 8, 16];
  it.each(granularities)(
    'cover each weight once, and with it its group, at granularity %s',
    (granularity) => {
      for (const cols of [1, 3, 8, 12, 13]) {
        const block = { row: 5, rows: 3, cols, pointer: 0 };
        const groups = groupsOf(40, cols, granularity);
        const unitOf: number[] = [];
        for (const run of runs(block, groups))
          for (let i = 0; i < run.rows * run.cols; i++) {
            expect(unitOf[run.start + i]).toBeUndefined();
            unitOf[run.start + i] = run.unit + Math.floor(i / run.cols);
          }
        const expected = Array.from({ length: 3 * cols }, (_, i) => {
          const [row, col] = [Math.floor(i / cols), i % cols];
          return groups.perRow <= 1 ? row : row * groups.perRow + Math.floor(col / groups.size);
        });
        expect(unitOf).toEqual(expected);
      }
    },
  );
});
