/** Rounding by second moments in an export: better where it is kept, nothing where it is not wanted. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../../src/base/rpc';
import { gainDb } from '../../../../src/core/measure/Decibels';
import type { Recipe } from '../../../../src/core/recipe/recipe';
import { exportModel } from '../../../../src/engine/export/exportModel';
import { WeightKernel } from '../../../../src/engine/weights/WeightKernel';
import { EMPTY_RECIPE } from '../../../../src/core/recipe/recipe';
import { testKernel } from '../../../fixtures/testKernel';
import { SamplePictures } from '../data/samplePictures';
import { Exporter } from './exporter';

const pictures = new SamplePictures();
const exporter = new Exporter();

beforeAll(() => exporter.start(), 60_000);
afterAll(() => {
  exporter.remove();
  pictures.remove();
});

const about = (recipe: Partial<Recipe>) => ({ calibration: pictures.calibration, ...recipe });
const exported = (recipe: Partial<Recipe>) => exporter.export(pictures.model, about(recipe));

describe('rounding by second moments', { timeout: 120_000 }, () => {
  it.each([
    ['int4', 3],
    ['int3', 3],
    ['int4/block32', 3],
    ['log4', 0.2],
    ['ternary', 1],
    ['vq4x256', 1],
  ])('makes outputs of %s better on samples that it does not see', async (scheme, least) => {
    const { report } = await exported({ default: scheme, repair: 'gptq' });
    const [repair] = report.repairs;
    expect(repair).toMatchObject({ pass: 'gptq', tried: 4, kept: true });
    expect(repair!.changed).toBeGreaterThan(0);
    expect(gainDb(repair!.after, repair!.before)).toBeGreaterThan(least);
  });

  it('is the same file each time', async () => {
    const files = await Promise.all(
      [1, 2].map(async () => (await exported({ default: 'int4', repair: 'gptq' })).output),
    );
    expect(readFileSync(files[0]!)).toEqual(readFileSync(files[1]!));
  });

  it('takes as many bytes as rounding to nearest, and says the error of the weights it chose', async () => {
    const nearest = await exported({ default: 'int4' });
    const chosen = await exported({ default: 'int4', repair: 'gptq' });
    expect(chosen.report.output.bytes).toBe(nearest.report.output.bytes);
    const others = chosen.report.layers.filter(
      ({ sqnrDb }, i) => sqnrDb !== nearest.report.layers[i]!.sqnrDb,
    );
    expect(others).toHaveLength(chosen.report.repairs[0]!.changed);
  });

  it('leaves layers alone that the recipe repairs otherwise', async () => {
    const { report } = await exported({ default: 'int4', repair: 'gptq', layerRepair: { conv1: 'off' } });
    const nearest = (await exported({ default: 'int4' })).report;
    const error = ({ layers }: typeof report) => layers.find(({ name }) => name === 'conv1')!.sqnrDb;
    expect(report.repairs).toMatchObject([{ tried: 3 }]);
    expect(error(report)).toBe(error(nearest));
  });

  it('says which layers stay as they were', async () => {
    const { report } = await exported({ default: 'binary/unit/stochastic7', repair: 'gptq' });
    expect(report.repairs).toMatchObject([{ changed: 0, kept: false }]);
    expect(report.repairs[0]!.note).toContain('(its signs are drawn at random)');
  });

  it('ends with nothing written when it is cancelled', async () => {
    const weightKernel = await WeightKernel.create(await testKernel());
    const cancel = new AbortController();
    const output = join(pictures.folder, 'cancelled.onnx');
    const before = readdirSync(pictures.folder);
    const recipe = { ...EMPTY_RECIPE, ...about({ default: 'int4', repair: 'gptq' }) };
    const stages: string[] = [];
    await expect(
      exportModel(
        weightKernel,
        { path: pictures.model, output, recipe, overwrite: false, verify: true, cache: null },
        {
          signal: cancel.signal,
          progress: ({ stage, fraction }) => {
            stages.push(stage);
            if (stage === 'repairing' && fraction > 0.3) cancel.abort();
          },
        },
      ),
    ).rejects.toThrow(CancelledError);
    expect(stages.at(-1)).toBe('repairing');
    expect(readdirSync(pictures.folder)).toEqual(before);
  });
});
