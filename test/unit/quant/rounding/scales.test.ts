import { describe, expect, it } from 'vitest';
import { roundingProblem } from '../../../../src/quant/rounding/Grid';
import { scaleFreedom } from '../../../../src/quant/rounding/rescaled';
import { roundWithScales } from '../../../../src/quant/rounding/roundWithScales';
import { outputsOfRows, sumOver } from '../../../../src/quant/rounding/betterRows';
import { specOf } from '../../../../src/core/scheme/scheme';
import { EVERY_SCHEME } from '../../core/scheme/everyScheme';
import { applyTo, fit, unevenRows, normal } from '../fitted';
import { correlated, errorsOf, momentsOf, pause, rounded, total } from './problems';

const ROWS = 3;
const COLS = 34;
const weights = unevenRows(ROWS, COLS, 3);
const moments = momentsOf(correlated(300, COLS, 5), COLS);

const OF_SCALARS = EVERY_SCHEME.filter((id) => !['vector', 'half'].includes(specOf(id).family));

describe.each(OF_SCALARS)('scales of %s for the output', (id) => {
  it('give levels, and never a larger error than rounding with those of the weights', async () => {
    const { quantizer: own } = await fit(id, weights, ROWS);
    if (own.kind === 'vector' || roundingProblem(own) !== null || own.bits > 8) return;
    const plain = await rounded(id, weights, ROWS, moments);
    const { values, quantizer, before, after } = await roundWithScales({ ...plain, quantizer: own }, pause);
    expect(await applyTo(quantizer, values)).toEqual(values);
    expect([...before]).toEqual([...plain.before]);
    expect([...after]).toEqual([...errorsOf(weights, { values }, moments)]);
    for (const outputs of outputsOfRows(own.groups, moments, null))
      expect(sumOver(outputs, after)).toBeLessThanOrEqual(sumOver(outputs, plain.after));
    if (scaleFreedom(own) === null) expect(quantizer).toEqual(own);
    if (quantizer.kind === 'float' && quantizer.scaleType === 'exponent')
      expect([...quantizer.scales].every((scale) => Number.isInteger(Math.log2(scale)))).toBe(true);
  });
});

it.each(['int3', 'int3/block16', 'int2/tensor', 'binary'])('are worth it for %s', async (id) => {
  const { quantizer: own } = await fit(id, weights, ROWS);
  if (own.kind === 'vector') throw new Error('no scalars');
  const plain = await rounded(id, weights, ROWS, moments);
  const { after } = await roundWithScales({ ...plain, quantizer: own }, pause);
  expect(total(after)).toBeLessThan(0.97 * total(plain.after));
});

it('are those of the channels of a transposed convolution, of which each has several rows', async () => {
  const [groups, inputs, taps, channels] = [2, 6, 4, 3];
  const own = normal(channels * groups * inputs * taps, 41);
  const each = momentsOf(correlated(80, groups * inputs, 42), groups * inputs, groups);
  const plain = await rounded('int3', own, channels, each, { taps });
  const { quantizer } = plain;
  if (quantizer.kind !== 'affine') throw new Error('no integers');
  const result = await roundWithScales({ ...plain, quantizer }, pause);
  expect(await applyTo(result.quantizer, result.values)).toEqual(result.values);
  expect(result.quantizer.scales).not.toEqual(quantizer.scales);
  expect(total(result.after)).toBeLessThan(total(plain.after));
});
