import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_RECIPE, withScheme, type Recipe } from '../../../../src/core/recipe/recipe';
import { formatRecipe, readRecipeText, recipeText } from '../../../../src/core/recipe/recipeText';

const BY_HAND = `// Chosen with care.
{
  "$schema": "./recipe.schema.json",
  "version": 1, /* there is one */
  "layers": {
    // The first layer reads pixels.
    "conv1": "float",
    "conv2": "int8/channel", // spelled out
    "fc": "int4/block32",
  },
  "default": "int8",
  "calibration": "photos",
}
`;
const read = (text: string) => readRecipeText(text).recipe;

describe('a recipe that was written by hand', () => {
  it('is read with its comments', () => {
    const { recipe, problems } = readRecipeText(BY_HAND);
    expect(problems).toEqual([]);
    expect(recipe.layers).toEqual({ conv1: 'float', conv2: 'int8', fc: 'int4/block32' });
  });

  it('is left as it is where nothing was changed', () => {
    expect(recipeText(read(BY_HAND), BY_HAND)).toBe(BY_HAND);
  });

  it('keeps comments, $schema and spelling where something else was changed', () => {
    const changed = {
      ...withScheme(withScheme(read(BY_HAND), ['fc'], 'int8/mse'), ['conv3'], 'nf4'),
      default: 'int4',
      opset: 'keep',
    } as const;
    expect(recipeText(changed, BY_HAND)).toBe(`// Chosen with care.
{
  "$schema": "./recipe.schema.json",
  "version": 1, /* there is one */
  "layers": {
    // The first layer reads pixels.
    "conv1": "float",
    "conv2": "int8/channel", // spelled out
    "conv3": "nf4",
    "fc": "int8/mse",
  },
  "default": "int4",
  "calibration": "photos",
  "opset": "keep",
}
`);
  });

  it('is not told what it left out and what is still so', () => {
    const text = '{ /* short */ "version": 1, "default": "int8" }';
    expect(recipeText({ ...EMPTY_RECIPE, default: 'int4' }, text)).toBe(text.replace('int8', 'int4'));
  });

  it('loses what was taken away', () => {
    const changed = { ...withScheme(read(BY_HAND), ['conv1', 'fc'], null), calibration: null };
    const text = recipeText(changed, BY_HAND);
    expect(text).toContain('// Chosen with care.');
    expect(text).toContain('"$schema"');
    expect(read(text)).toEqual(changed);
    expect(text).not.toMatch(/conv1|photos/);
  });

  it('keeps its line ends and order, whatever is changed', () => {
    const windows = BY_HAND.replaceAll('\n', '\r\n');
    const text = recipeText({ ...read(windows), default: 'int4' }, windows);
    expect(text).toBe(windows.replace('"default": "int8"', '"default": "int4"'));
  });

  it('is written anew where it holds what is not understood, or a key twice', () => {
    for (const previous of ['{', '[]', '{ "version": 1, "default": "int9" }']) {
      expect(recipeText(EMPTY_RECIPE, previous)).toBe(formatRecipe(EMPTY_RECIPE));
    }
    const twice = '{ "version": 1, "default": "int4", /* or */ "default": "int5" }';
    const changed = { ...EMPTY_RECIPE, default: 'nf4' };
    expect(read(recipeText(changed, twice))).toEqual(changed);
  });

  it('says another recipe exactly, whatever both are', () => {
    const scheme = fc.constantFrom('float', 'int8', 'int4/block32', 'uint8');
    const names = fc.oneof(
      fc.constantFrom('a', 'b', '__proto__', '$schema', 'a/b'),
      fc.string({ maxLength: 3 }),
    );
    const map = <T>(values: fc.Arbitrary<T>) =>
      fc.uniqueArray(fc.tuple(names, values), { selector: ([name]) => name }).map(Object.fromEntries<T>);
    const recipe = fc.record({
      default: scheme,
      layers: map(scheme),
      shapes: map(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 })),
      opset: fc.constantFrom('keep', 'raise'),
      format: fc.constantFrom('QDQ', 'QOperator'),
      cpu: fc.constantFrom('here', 'x64-avx2'),
      products: fc.constantFrom('fastest', 'codes', 'float', 'dynamic'),
      activations: fc.constantFrom(null, 'uint8/mse'),
      layerActivations: map(fc.constantFrom('float', 'p99.9')),
      repair: fc.constantFrom('off', 'auto', 'gptq,bias'),
      layerRepair: map(fc.constantFrom('off', 'gptq')),
      overlay: fc.constantFrom(null, '01'.repeat(32)),
      calibration: fc.constantFrom(null, 'synthetic' as const),
    }) as fc.Arbitrary<Recipe>;
    fc.assert(
      fc.property(recipe, recipe, (before, after) => {
        const commented = formatRecipe(before).replace('{', '{ // mine');
        const text = recipeText(after, commented);
        expect(formatRecipe(read(text))).toBe(formatRecipe(after));
        expect(text).toContain('// mine');
      }),
    );
  });

  it('takes a thousand changes at once', () => {
    const layers = Array.from({ length: 1000 }, (_, i) => `layer${i}`);
    const changed = withScheme(read(BY_HAND), layers, 'int4');
    const text = recipeText(changed, BY_HAND);
    expect(formatRecipe(read(text))).toBe(formatRecipe(changed));
    expect(text).toContain('// Chosen with care.');
  });
});

describe('a text that is no JSON', () => {
  it.each([
    ['', 1],
    ['{\n  "version": 1,\n  default\n}', 3],
    ['['.repeat(50_000), 1],
  ])('is refused with its line', (text, line) => {
    const { root, problems } = readRecipeText(text);
    expect(root).toBeNull();
    expect(problems[0]!.message).toMatch(new RegExp(`^It is not valid JSON: line ${line}\\b`));
  });

  it('may begin with a byte order mark', () => {
    expect(readRecipeText(`\uFEFF${formatRecipe(EMPTY_RECIPE)}`)).toMatchObject({ problems: [] });
  });
});
