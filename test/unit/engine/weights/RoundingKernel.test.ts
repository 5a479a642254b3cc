import { expect, it } from 'vitest';
import { RoundingKernel } from '../../../../src/engine/weights/RoundingKernel';
import { factorMoments } from '../../../../src/quant/rounding/MomentsFactor';
import { roundByMoments } from '../../../../src/quant/rounding/roundByMoments';
import { plainLoops } from '../../../../src/quant/rounding/RoundingLoops';
import { testKernel } from '../../../fixtures/testKernel';
import { fit, normal } from '../../quant/fitted';
import { correlated, momentsOf, pause } from '../../quant/rounding/problems';

const kernel = RoundingKernel.create(await testKernel());

it.each(['int4', 'uint3/block16', 'log4', 'nf4', 'codebook3/channel', 'fp8e4m3', 'ternary', 'binary'])(
  'gives the bits of the plain loops, whichever layer comes after which: %s',
  async (id) => {
    const loops = await kernel;
    for (const [rows, groups, perGroup, mostNumbers] of [
      [1, 1, 7],
      [37, 1, 90],
      [12, 6, 9],
      [5, 1, 70, 70 * 32],
    ] as const) {
      const weights = normal(rows * perGroup, rows);
      const vectors = correlated(80, groups * perGroup, perGroup);
      const moments = momentsOf(vectors, groups * perGroup, groups, mostNumbers);
      const factor = factorMoments(moments.state, {}, loops);
      expect(factor).toEqual(factorMoments(moments.state, {}, plainLoops));
      const { quantizer, values: nearest } = await fit(id, weights, rows);
      const task = { weights, nearest, quantizer, moments, factor, taps: null };
      expect(await roundByMoments(task, pause, loops)).toEqual(await roundByMoments(task, pause, plainLoops));
    }
  },
);
