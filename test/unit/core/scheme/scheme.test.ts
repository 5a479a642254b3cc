import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeScheme } from '../../../../src/core/scheme/describeScheme';
import { canonicalScheme, isSchemeId, specOf } from '../../../../src/core/scheme/scheme';
import { ALL_SCHEMES, COMMON_SCHEMES, LOW_BIT_SCHEMES } from '../../../../src/core/scheme/schemeLists';
import { formatScheme, parseScheme } from '../../../../src/core/scheme/schemeSyntax';
import { ALL_FAMILIES, FAMILIES } from '../../../../src/core/scheme/families';
import type { SchemeFamily } from '../../../../src/core/scheme/families/SchemeFamily';
import type { SchemeSpec } from '../../../../src/core/scheme/SchemeSpec';
import { schemePattern } from '../../../../src/core/scheme/schemePattern';

const pattern = new RegExp(schemePattern(), 'u');

/** Any scheme, from the patterns of the formats and of their options. */
const anyText = fc.oneof(
  ...ALL_FAMILIES.flatMap(({ formats, options }) =>
    formats.map(({ names, many }) => {
      const name = many ? matching(many.pattern) : fc.constantFrom(...names);
      const words = options.map(({ pattern }) => fc.option(matching(pattern), { nil: null, freq: 1 }));
      return fc
        .tuple(name, ...words)
        .map((parts) => parts.filter((part) => part !== null).join('/'))
        .filter((text) => parseScheme(text) !== null);
    }),
  ),
);

function matching(pattern: string) {
  return fc.stringMatching(new RegExp(`^(${pattern})$`));
}

describe('the text of a scheme', () => {
  it('says everything: reading it gives the spec back', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const spec = parseScheme(text)!;
        expect(parseScheme(formatScheme(spec))).toEqual(spec);
        expect(text).toMatch(pattern);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves out what is usual and puts the rest in order', () => {
    expect(canonicalScheme('int8/channel/minmax')).toBe('int8');
    expect(canonicalScheme('int4/mse/block32')).toBe('int4/block32/mse');
    expect(canonicalScheme('uint8/asym')).toBe('uint8');
    expect(canonicalScheme('int8/even')).toBe('int8');
    expect(canonicalScheme('int4/even')).toBe('int4/even');
    expect(canonicalScheme('uint4/signed/block32/sym')).toBe('uint4/sym/signed/block32');
    expect(canonicalScheme('int8/clip0.80')).toBe('int8/clip0.8');
    expect(canonicalScheme('int8/asym/clip0.5:0.75')).toBe('int8/asym/clip0.5:0.75');
    expect(canonicalScheme('vq4x256/parts1')).toBe('vq4x256');
  });

  it.each([
    '',
    'int9',
    'int1',
    'int08',
    'INT8',
    'int8/',
    'int8/tensor/channel',
    'int8/block8',
    'int8/block257',
    'int8/block',
    'int8/clip0',
    'int8/clip3',
    'int8/p49',
    'int8/p100.5',
    'bf16/tensor',
    'binary/stochastic1',
    'int4/asym/signed',
    'uint4/signed',
    'nf4/signed',
    'vq9x2',
    'vq2x257',
    'vq2x1',
    'vq4x16/parts3',
    'codebook4/block32',
    'toString',
    'float/mse',
  ])('"%s" is none', (text) => expect(parseScheme(text)).toBeNull());

  it('is none of what is no text', () => {
    for (const value of [null, undefined, 8, {}, ['int8']]) expect(isSchemeId(value)).toBe(false);
    expect(() => specOf('int9')).toThrow('"int9" is no scheme.');
  });
});

describe('the lists of schemes', () => {
  it.each([...COMMON_SCHEMES, ...LOW_BIT_SCHEMES, ...ALL_SCHEMES])('%s is canonical', (id) =>
    expect(canonicalScheme(id)).toBe(id),
  );

  it('name nothing twice', () => {
    for (const list of [COMMON_SCHEMES, LOW_BIT_SCHEMES, ALL_SCHEMES])
      expect(new Set(list).size).toBe(list.length);
  });

  it('hold every kind of scheme', () => {
    const families = new Set(ALL_SCHEMES.map((id) => specOf(id).family));
    expect([...families, 'float'].sort()).toEqual(Object.keys(FAMILIES).sort());
  });
});

describe('families', () => {
  it('make specs of their own name, each format with a name of its own', () => {
    const ids = ALL_FAMILIES.flatMap(({ formats }) => formats.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const [key, { formats, nameOf }] of Object.entries(FAMILIES) as [string, SchemeFamily<SchemeSpec>][])
      for (const { names, many, make, nearest } of formats)
        for (const name of [...(many?.examples ?? names), ...[1, 4, 7, 32].map((bits) => nearest(bits))]) {
          expect(make(name).family).toBe(key);
          expect(nameOf(make(name))).toBe(name);
        }
  });

  it('have options whose examples are read, and whose words are in a pattern of theirs', () => {
    for (const { formats, options } of ALL_FAMILIES)
      for (const { names, many } of formats)
        for (const { examples, pattern } of options) {
          const texts = (many?.examples ?? names).flatMap((name) =>
            examples.map((word) => `${name}/${word}`),
          );
          const read = texts.filter((text) => canonicalScheme(text) !== null);
          expect(read.length).toBeGreaterThan(0);
          for (const word of examples) expect(word.split('/').at(-1)).toMatch(new RegExp(`^(${pattern})$`));
        }
  });
});

describe('a scheme in words', () => {
  it('is one sentence, and another for every spec of the lists', () => {
    const texts = ALL_SCHEMES.map(describeScheme);
    for (const text of texts) expect(text).toMatch(/^[^.].*\.$/);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('names what was chosen', () => {
    expect(describeScheme('uint4/block32/mse')).toBe(
      '4-bit unsigned integers, asymmetric, scale and zero point per 32 weights of a channel, range of least squared error.',
    );
  });
});
