import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { recipeFrom } from '../../../src/cli/recipeOptions';
import { DEFAULT_IMAGE } from '../../../src/core/recipe/calibration';

const folder = mkdtempSync(join(tmpdir(), 'quantscope recipes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const recipe = join(folder, 'm.onnx.quant.json');
const image = { size: [8, 9], channels: 'BGR', preset: 'imagenet' };
const calibration = { data: 'photos', samples: 7, labels: 'classes.csv', image };
writeFileSync(recipe, JSON.stringify({ version: 1, default: 'int8', calibration }));

describe('options about data', () => {
  it('replace what they name in a recipe, and keep the rest', async () => {
    const size = [8, 9];
    expect((await recipeFrom({ recipe, image: '-1..1' })).calibration).toEqual({
      ...calibration,
      image: { size, channels: 'BGR', mean: [0.5], std: [0.5] },
    });
    expect((await recipeFrom({ recipe, calibration: 'others' })).calibration).toMatchObject({
      data: resolve('others'),
      samples: 7,
      labels: 'classes.csv',
      image: { size, channels: 'BGR', mean: [0.485, 0.456, 0.406] },
    });
    expect((await recipeFrom({ recipe, calibration: 'synthetic' })).calibration).toBe('synthetic');
  });

  it('stand alone without one', async () => {
    expect((await recipeFrom({ calibration: 'photos', image: '0..1' })).calibration).toEqual({
      data: resolve('photos'),
      samples: 128,
      labels: null,
      image: DEFAULT_IMAGE,
    });
    await expect(recipeFrom({ calibration: 'photos', image: 'x' })).rejects.toThrow(/no preset/);
  });
});
