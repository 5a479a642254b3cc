import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EMPTY_RECIPE,
  formatRecipe,
  readRecipe,
  schemeOf,
  unknownLayers,
  withScheme,
  type Recipe,
} from '../../../src/shared/recipe';
import { ALL_SCHEMES } from '../../../src/shared/scheme';

const scheme = fc.constantFrom('float', ...ALL_SCHEMES);
const recipes: fc.Arbitrary<Recipe> = fc.record({
  default: scheme,
  // fast-check's dictionaries hold "__proto__" and its like among their keys.
  layers: fc.dictionary(fc.string(), scheme).map((layers) => Object.fromEntries(Object.entries(layers))),
  shapes: fc
    .dictionary(fc.string(), fc.array(fc.integer({ min: 1, max: 4096 })))
    .map((shapes) => Object.fromEntries(Object.entries(shapes))),
  opset: fc.constantFrom('keep', 'raise'),
});

describe('recipe', () => {
  it('survives being written and read', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { recipe: read, problems } = readRecipe(JSON.parse(formatRecipe(recipe)));
        expect(problems).toEqual([]);
        expect(Object.entries(read.layers).sort()).toEqual(Object.entries(recipe.layers).sort());
        expect(read.default).toBe(recipe.default);
        expect(read.opset).toBe(recipe.opset);
        expect(formatRecipe(read)).toBe(formatRecipe(recipe));
      }),
    );
  });

  it('is written one layer a line, sorted, shapes on one line', () => {
    const recipe = {
      default: 'int8',
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
    [{ version: 1, default: 'int8', colour: 1 }, ['colour'], 'A recipe has no field "colour".'],
  ])('says what is wrong with %j', (value, path, message) => {
    expect(readRecipe(value).problems).toEqual([{ path, message }]);
  });

  it('keeps what it understood beside what it did not', () => {
    const { recipe } = readRecipe({ version: 1, default: 'int4', layers: { a: 'float', b: 'nonsense' } });
    expect(recipe).toEqual({ default: 'int4', layers: { a: 'float' }, shapes: {}, opset: 'raise' });
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
