import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EMPTY_RECIPE,
  schemeOf,
  unknownLayers,
  withScheme,
  type Recipe,
} from '../../../../src/core/recipe/recipe';
import { CPUS } from '../../../../src/core/recipe/cpu';
import { readRecipe } from '../../../../src/core/recipe/readRecipe';
import { formatRecipe } from '../../../../src/core/recipe/recipeText';
import { ALL_SCHEMES } from '../../../../src/core/scheme/schemeLists';

const scheme = fc.constantFrom('float', ...ALL_SCHEMES);
const recipes: fc.Arbitrary<Recipe> = fc.record({
  default: scheme,
  // fast-check's dictionaries hold "__proto__" and its like among their keys.
  layers: fc.dictionary(fc.string(), scheme).map((layers) => Object.fromEntries(Object.entries(layers))),
  shapes: fc
    .dictionary(fc.string(), fc.array(fc.integer({ min: 1, max: 4096 })))
    .map((shapes) => Object.fromEntries(Object.entries(shapes))),
  opset: fc.constantFrom('keep', 'raise'),
  format: fc.constantFrom('QDQ', 'QOperator'),
  cpu: fc.constantFrom(...CPUS),
  products: fc.constantFrom('fastest', 'codes', 'float', 'dynamic'),
  activations: fc.constantFrom(null, 'uint8', 'int8/mse', 'uint8/p99.9', 'uint8/average'),
  layerActivations: fc.dictionary(fc.string(), fc.constantFrom('float', 'mse', 'p99.9')),
  repair: fc.constantFrom('off', 'auto', 'gptq,bias'),
  layerRepair: fc.dictionary(fc.string(), fc.constantFrom('off', 'gptq')),
  overlay: fc.constantFrom(null, 'ab'.repeat(32)),
  calibration: fc.oneof(
    fc.constantFrom(null, 'synthetic' as const),
    fc.record({
      data: fc.oneof(fc.string(), fc.constant({ x: 'a/*.npy', y: 'b' })),
      samples: fc.integer({ min: 1, max: 100_000 }),
      image: fc.record({
        size: fc.constantFrom(null, [48, 320] as const),
        channels: fc.constantFrom('RGB', 'BGR', 'grey'),
        mean: fc.constant([0.5]),
        std: fc.constant([0.25, 0.5, 1]),
      }),
      labels: fc.constantFrom(null, 'folders', 'labels.csv'),
    }),
  ),
});

describe('recipe', () => {
  it('survives being written and read', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { recipe: read, problems } = readRecipe(JSON.parse(formatRecipe(recipe)));
        expect(problems).toEqual([]);
        expect(Object.entries(read.layers).sort()).toEqual(Object.entries(recipe.layers).sort());
        expect(read.default).toBe(recipe.default);
        expect(read).toMatchObject({
          opset: recipe.opset,
          format: recipe.format,
          cpu: recipe.cpu,
          products: recipe.products,
          activations: recipe.activations,
          layerActivations: recipe.layerActivations,
          repair: recipe.repair,
          layerRepair: recipe.layerRepair,
          calibration: recipe.calibration,
        });
        expect(formatRecipe(read)).toBe(formatRecipe(recipe));
      }),
    );
  });

  it('is written one layer a line, sorted, shapes on one line', () => {
    const recipe = {
      ...EMPTY_RECIPE,
      layers: { b: 'float', a: 'int4' },
      shapes: { x: [1, 3, 48, 192] },
      opset: 'keep',
    } as const;
    expect(formatRecipe(recipe)).toBe(`{
  "version": 1,
  "default": "int8",
  "layers": {
    "a": "int4",
    "b": "float"
  },
  "opset": "keep",
  "shapes": {
    "x": [1, 3, 48, 192]
  }
}
`);
  });

  it('gives and takes schemes, whatever a layer is called', () => {
    for (const name of ['conv', '__proto__', 'constructor', '']) {
      expect(schemeOf(EMPTY_RECIPE, name)).toBe('int8');
      const chosen = withScheme(EMPTY_RECIPE, [name, 'other'], 'int4');
      expect(schemeOf(chosen, name)).toBe('int4');
      expect(schemeOf(withScheme(chosen, [name], null), name)).toBe('int8');
      expect(schemeOf(withScheme(chosen, [name], null), 'other')).toBe('int4');
    }
    expect(EMPTY_RECIPE.layers).toEqual({});
  });

  it.each([
    [[], [], 'A recipe is a JSON object.'],
    [null, [], 'A recipe is a JSON object.'],
    [{ version: 2, default: 'int8' }, ['version'], 'This recipe has version 2; version 1 is understood.'],
    [
      { version: 1, default: 'int9' },
      ['default'],
      '"int9" is not a scheme; write one as int8, int4/block32 or uint4/channel/mse.',
    ],
    [{ version: 1 }, ['default'], 'The default scheme is missing.'],
    [{ version: 1, default: 'int8', layers: { a: 7 } }, ['layers', 'a'], 'A scheme is a text, not 7.'],
    [{ version: 1, default: 'int8', layers: [] }, ['layers'], '"layers" is a JSON object.'],
    [
      { version: 1, default: 'int8', shapes: { x: [0] } },
      ['shapes', 'x'],
      'A shape is a list of whole numbers above zero.',
    ],
    [{ version: 1, default: 'int8', opset: 21 }, ['opset'], '"opset" is "keep" or "raise".'],
    [
      { version: 1, default: 'int8', cpu: 'avx2' },
      ['cpu'],
      '"cpu" is one of here, x64-vnni, x64-avx2, arm64.',
    ],
    [{ version: 1, default: 'int8', format: 'qdq' }, ['format'], '"format" is "QDQ" or "QOperator".'],
    [{ version: 1, default: 'int8', colour: 1 }, ['colour'], 'A recipe has no field "colour".'],
  ])('says what is wrong with %j', (value, path, message) => {
    const { problems } = readRecipe(value);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ path, message });
  });

  it('keeps what it understood beside what it did not', () => {
    const { recipe } = readRecipe({ version: 1, default: 'int4', layers: { a: 'float', b: 'nonsense' } });
    expect(recipe).toEqual({ ...EMPTY_RECIPE, default: 'int4', layers: { a: 'float' } });
  });

  it('reads a scheme however it is written, and keeps it as it is written here', () => {
    const { recipe, problems } = readRecipe({
      version: 1,
      default: 'int4/mse/block32',
      layers: { a: 'int8/channel', b: 'float' },
    });
    expect(problems).toEqual([]);
    expect(recipe).toMatchObject({ default: 'int4/block32/mse', layers: { a: 'int8', b: 'float' } });
  });

  it('names layers that a model does not have', () => {
    const recipe = withScheme(EMPTY_RECIPE, ['a', 'b'], 'float');
    expect(unknownLayers(recipe, [{ name: 'a' }])).toEqual([
      { path: ['layers', 'b'], message: 'The model has no layer "b".' },
    ]);
  });
});

describe('calibration in a recipe', () => {
  const read = (calibration: unknown) => readRecipe({ version: 1, default: 'int8', calibration });

  it('is a folder in short, or with all it takes', () => {
    expect(read('photos').recipe.calibration).toMatchObject({ data: 'photos', samples: 128 });
    const { recipe, problems } = read({
      data: 'a/*.png',
      samples: 7,
      image: { preset: 'imagenet', size: [8, 9] },
    });
    expect(problems).toEqual([]);
    expect(recipe.calibration).toEqual({
      data: 'a/*.png',
      samples: 7,
      image: { size: [8, 9], channels: 'RGB', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      labels: null,
    });
  });

  it.each([
    [7, /"synthetic", a folder/],
    [{ data: 3 }, /"data" is a folder or glob/],
    [{ data: 'a', samples: 0 }, /"samples" is a whole number from 1 to 100000/],
    [{ data: 'a', labels: 3 }, /"labels" is a file/],
    [{ data: 'a', more: 1 }, /no field "more"/],
    [{ data: 'a', image: 'sepia' }, /"preset" is one of 0..1, -1..1, imagenet/],
    [{ data: 'a', image: { preset: '__proto__' } }, /"preset" is one of/],
    [{ data: 'a', image: { size: [0, 3] } }, /"size" is \[rows, columns\]/],
    [{ data: 'a', image: { std: [0] } }, /above zero/],
    [{ data: 'a', image: { channels: 'CMYK' } }, /"channels" is/],
  ])('says of %j what is wrong', (calibration, sentence) => {
    const { recipe, problems } = read(calibration);
    expect(problems.map(({ message }) => message).join()).toMatch(sentence);
    expect(problems.length).toBe(1);
    if (!/no field/.test(String(sentence))) expect(recipe.calibration).toBeNull();
  });

  it.each(['uint4', 'float', 'uint8/p20', 'uint8/mse/mse', 3])('knows no activations %j', (activations) => {
    const { problems } = readRecipe({ version: 1, default: 'int8', activations });
    expect(problems[0]!.message).toMatch(/"uint8" or "int8"/);
  });
});
