import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

describe('a recipe', () => {
  it('may have comments, a byte order mark and commas at the end of lists', async () => {
    const file = join(folder, 'comments.json');
    writeFileSync(
      file,
      '\uFEFF// mine\n{ "$schema": "x", "version": 1, "default": "int4", /* so */ "layers": { "a": "float", }, }',
    );
    expect(await recipeFrom({ recipe: file })).toMatchObject({ default: 'int4', layers: { a: 'float' } });
  });

  it('that is no file, or not there, is refused at once', async () => {
    const [pipe, directory] = [join(folder, 'pipe'), join(folder, 'directory')];
    mkdirSync(directory);
    await expect(recipeFrom({ recipe: directory })).rejects.toThrow(/directory cannot be read: /);
    await expect(recipeFrom({ recipe: join(folder, 'none') })).rejects.toThrow(/cannot be read: ENOENT/);
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [pipe]);
    await expect(recipeFrom({ recipe: pipe })).rejects.toThrow(/pipe cannot be read: it is not a file\./);
  });
});
