import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../../../src/quant/Groups';
import type { AffineQuantizer } from '../../../../src/quant/Quantizer';
import { levelDistances } from '../../../../src/quant/rounding/levelDistances';

const ROWS = 2;
const COLS = 5;

function quantizer(granularity: 'tensor' | 'channel' | number, scale: number): AffineQuantizer {
  const groups = groupsOf(ROWS, COLS, granularity);
  const scales = Float32Array.from({ length: groups.count }, (_, i) => scale * (i + 1));
  return { kind: 'affine', bits: 4, qmin: -7, qmax: 7, zeroPoints: null, groups, scales };
}

/** Group of a weight, counted the plain way. */
function groupAt({ groups: { perRow, size } }: AffineQuantizer, i: number): number {
  const [row, col] = [Math.floor(i / COLS), i % COLS];
  return perRow === 0 ? 0 : row * perRow + Math.floor(col / size);
}

describe('distances between levels', () => {
  it('are those of the codes', () => {
    const codes = fc.array(fc.integer({ min: -7, max: 7 }), {
      minLength: ROWS * COLS,
      maxLength: ROWS * COLS,
    });
    const granularity = fc.constantFrom('tensor' as const, 'channel' as const, 2);
    fc.assert(
      fc.property(codes, codes, granularity, (before, after, each) => {
        const grid = quantizer(each, 0.25);
        const values = (all: readonly number[]) =>
          Float32Array.from(all, (code, i) => code * grid.scales[groupAt(grid, i)]!);
        const expected = [0, 0, 0, 0, 0];
        before.forEach((code, i) => {
          if (code !== after[i]) expected[Math.min(4, Math.abs(code - after[i]!))]!++;
        });
        expect(levelDistances(grid, values(before), values(after))).toEqual(expected);
      }),
    );
  });

  it('tell a weight whose scale alone is another', () => {
    const chosen = new Float32Array(ROWS * COLS).fill(0.5);
    const nearest = new Float32Array(ROWS * COLS).fill(0.52);
    expect(levelDistances(quantizer('tensor', 0.25), nearest, chosen)).toEqual([10, 0, 0, 0, 0]);
  });
});
