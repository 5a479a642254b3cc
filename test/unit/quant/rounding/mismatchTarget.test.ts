import { expect, it } from 'vitest';
import { CrossMoments } from '../../../../src/quant/moments/CrossMoments';
import { matrixPatches } from '../../../../src/quant/moments/PatchSource';
import { factorMoments } from '../../../../src/quant/rounding/MomentsFactor';
import { mismatchTarget } from '../../../../src/quant/rounding/mismatchTarget';
import { rowSets } from '../../../../src/quant/rounding/RowSet';
import { normal } from '../fitted';
import { all, correlated, momentsOf } from './problems';

it.each([
  { groups: 1, perGroup: 12, taps: null, rows: 3 },
  { groups: 3, perGroup: 5, taps: null, rows: 6 },
  { groups: 2, perGroup: 4, taps: 3, rows: 2 },
])('makes the float output from other inputs as well as can be: %o', ({ groups, perGroup, taps, rows }) => {
  const inputs = groups * perGroup;
  const vectors = 200;
  const x = correlated(vectors, inputs, 1);
  const noise = normal(x.length, 2);
  const other = x.map((number, i) => 0.8 * number + 0.3 * noise[i]!);
  const moments = momentsOf(other, inputs, groups);
  const cross = new CrossMoments(moments);
  cross.add(matrixPatches(x, inputs), matrixPatches(other, inputs), all);
  const factor = factorMoments(moments.state);
  const cols = taps === null ? perGroup : inputs * taps;
  const weights = normal(rows * cols, 3);
  const sets = rowSets(rows, cols, moments, taps);
  const target = mismatchTarget({ weights, rows, cols, taps }, cross, factor);
  for (const { group, first, rows: count, offset, stride } of sets) {
    const { damping } = factor.blocks[group]![0]!;
    for (let r = first; r < first + count; r++) {
      const row = (of: Float32Array) =>
        Array.from({ length: perGroup }, (_, i) => of[r * cols + offset + i * stride]!);
      const [w, found] = [row(weights), row(target)];
      const dot = (weight: readonly number[], of: Float32Array, vector: number) =>
        weight.reduce((sum, each, i) => sum + each * of[vector * inputs + group * perGroup + i]!, 0);
      // Where the gradient of E[(w x - t x')^2] + damping |w - t|^2 is zero.
      for (let i = 0; i < perGroup; i++) {
        let gradient = damping * (w[i]! - found[i]!);
        let size = 0;
        for (let v = 0; v < vectors; v++) {
          const output = (dot(w, x, v) - dot(found, other, v)) * other[v * inputs + group * perGroup + i]!;
          gradient += output / vectors;
          size += Math.abs(output) / vectors;
        }
        expect(Math.abs(gradient)).toBeLessThan(1e-4 * size);
      }
    }
  }
});

it('changes nothing where inputs are the same', () => {
  const x = correlated(50, 8, 1);
  const moments = momentsOf(x, 8);
  const cross = new CrossMoments(moments);
  cross.add(matrixPatches(x, 8), matrixPatches(x, 8), all);
  const weights = normal(16, 2);
  const shape = { weights, rows: 2, cols: 8, taps: null };
  expect(mismatchTarget(shape, cross, factorMoments(moments.state))).toEqual(weights);
});
