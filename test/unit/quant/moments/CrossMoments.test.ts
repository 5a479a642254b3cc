import { describe, expect, it } from 'vitest';
import { CrossMoments } from '../../../../src/quant/moments/CrossMoments';
import { matrixPatches } from '../../../../src/quant/moments/PatchSource';
import { UserError } from '../../../../src/base/UserError';
import { normal } from '../fitted';

const all = { mostPositions: Infinity, random: () => 0 };

describe('moments of a mismatch', () => {
  // Vectors in number below, at and beyond those that are taken at once; blocks that are whole, cut, and short at a group's end.
  it.each([
    [1, 6, 1, 6],
    [3, 6, 2, 3],
    [32, 8, 2, 3],
    [71, 10, 1, 4],
  ])('of %i vectors of %i in %i groups, blocks of %i', (rows, inputs, groups, block) => {
    const [float, quantized] = [normal(rows * inputs, 1), normal(rows * inputs, 2)];
    // None of a vector with a NaN or infinity counts, on either side.
    const spoiled = [
      [float, 0, NaN],
      [quantized, 1, Infinity],
    ] as const;
    for (const [values, row, value] of spoiled) if (rows > 2) values[row * inputs + 1] = value;
    const cross = new CrossMoments({ inputs, groups, block });
    cross.add(matrixPatches(float, inputs), matrixPatches(quantized, inputs), all);
    const first = rows > 2 ? 2 : 0;
    expect(cross.count).toBe(rows - first);
    const perGroup = inputs / groups;
    const blockOf = (i: number) => [Math.floor(i / perGroup), Math.floor((i % perGroup) / block)].join(' ');
    for (let i = 0; i < inputs; i++) {
      const start = Math.floor(i / perGroup) * perGroup + Math.floor((i % perGroup) / block) * block;
      for (let j = start; j < inputs && blockOf(j) === blockOf(i); j++) {
        let sum = 0;
        for (let at = first * inputs; at < rows * inputs; at += inputs)
          sum += Math.fround(float[at + i]! - quantized[at + i]!) * quantized[at + j]!;
        expect(cross.products[i * block + j - start]).toBeCloseTo(sum, 9);
      }
    }
  });

  it('of inputs of other sizes are refused', () => {
    const cross = new CrossMoments({ inputs: 4, groups: 1, block: 4 });
    const source = (rows: number) => matrixPatches(new Float32Array(4 * rows), 4);
    expect(() => cross.add(source(2), source(3), all)).toThrow(UserError);
  });
});
