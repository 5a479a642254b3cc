/** Exports with corrected biases beside those without. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toNumber } from '../../../../src/core/measure/Decibels';
import type { Recipe } from '../../../../src/core/recipe/recipe';
import { SamplePictures } from '../data/samplePictures';
import { Exporter } from './exporter';

const pictures = new SamplePictures();
const exporter = new Exporter();
beforeAll(() => exporter.start(), 60_000);
afterAll(() => {
  pictures.remove();
  exporter.remove();
});

const exported = (recipe: Partial<Recipe>) =>
  exporter.export(pictures.model, { calibration: pictures.calibration, ...recipe });

describe('bias correction of an export', () => {
  it.each([
    ['weights alone', { default: 'int4/tensor' }],
    ['integers', { default: 'int8/tensor', activations: 'uint8' }],
  ])(
    'of %s is kept if the outputs are better for it on samples that it was not fitted to',
    async (_, recipe) => {
      const { report: plain, inspection } = await exported({ ...recipe, repair: 'off' });
      const { report, inspection: repaired } = await exported({ ...recipe, repair: 'bias' });
      expect(plain.repairs).toEqual([]);
      const [bias, ...others] = report.repairs;
      expect(others).toEqual([]);
      expect(bias).toMatchObject({ pass: 'bias', tried: 4 });
      expect(toNumber(bias!.after)).toBeGreaterThanOrEqual(toNumber(bias!.before));
      expect(bias!.kept).toBe(bias!.changed > 0);
      expect(repaired.layers).toEqual(inspection.layers);
    },
  );

  it('leaves layers alone for which the recipe turns it off', async () => {
    const layerRepair = { conv1: 'off', conv2: 'gptq' };
    const { report } = await exported({ default: 'int4/tensor', repair: 'bias', layerRepair });
    expect(report.repairs.find(({ pass }) => pass === 'bias')).toMatchObject({ tried: 2 });
  });

  it('is the same every time', async () => {
    const recipe = { default: 'int8', activations: 'uint8', repair: 'bias' };
    const [a, b] = [await exported(recipe), await exported(recipe)];
    expect(a.report.repairs).toEqual(b.report.repairs);
    expect(a.graph.initializer.map(({ rawData }) => rawData)).toEqual(
      b.graph.initializer.map(({ rawData }) => rawData),
    );
  });
});
