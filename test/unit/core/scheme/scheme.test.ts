import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeScheme } from '../../../../src/core/scheme/describeScheme';
import {
  ALL_SCHEMES,
  canonicalScheme,
  COMMON_SCHEMES,
  isSchemeId,
  LOW_BIT_SCHEMES,
  specOf,
} from '../../../../src/core/scheme/scheme';
import { formatScheme, parseScheme } from '../../../../src/core/scheme/schemeSyntax';
import type { SchemeSpec } from '../../../../src/core/scheme/SchemeSpec';

const bits = (least: number, most: number) => fc.integer({ min: least, max: most }) as fc.Arbitrary<never>;
const granularity = fc.oneof(
  fc.constantFrom('tensor' as const, 'channel' as const),
  fc.integer({ min: 16, max: 256 }),
);
const share = fc.integer({ min: 1, max: 20_000 }).map((ten) => ten / 10_000);
const range = fc.oneof(
  fc.constantFrom({ method: 'minmax' as const }, { method: 'mse' as const }, { method: 'entropy' as const }),
  fc.record({
    method: fc.constant('percentile' as const),
    percent: fc.integer({ min: 5000, max: 10_000 }).map((hundredths) => hundredths / 100),
  }),
  fc.record({ method: fc.constant('clip' as const), lower: share, upper: share }),
);
const format = fc.constantFrom('fp8e4m3', 'fp8e5m2', 'fp6e3m2', 'fp6e2m3', 'fp4') as fc.Arbitrary<never>;
const family = <F extends SchemeSpec['family']>(name: F) => fc.constant(name);

/** Every spec that there is. */
const spec: fc.Arbitrary<SchemeSpec> = fc.oneof(
  fc.record({ family: family('float') }),
  fc.record({
    family: family('affine'),
    bits: fc.oneof(bits(2, 8), fc.constant(16 as never)),
    signed: fc.boolean(),
    symmetric: fc.boolean(),
    granularity,
    range,
  }),
  fc.record({
    family: family('log'),
    bits: bits(2, 8),
    base: fc.constantFrom('2' as const, 'sqrt2' as const),
    granularity,
    range,
  }),
  fc.record({ family: family('apot'), bits: bits(3, 8), granularity, range }),
  fc.record({ family: family('minifloat'), format, granularity, range }),
  fc.record({ family: family('half'), format: fc.constantFrom('bf16' as const, 'fp16' as const) }),
  fc.record({ family: family('mx'), format, block: fc.integer({ min: 16, max: 256 }) }),
  fc.record({ family: family('nf4'), granularity, range }),
  fc.record({ family: family('binary'), unit: fc.boolean(), seed: fc.constant(null), granularity }),
  fc.record({
    family: family('binary'),
    unit: fc.constant(true),
    seed: fc.integer({ min: 0, max: 999_999_999 }),
    granularity,
  }),
  fc.record({ family: family('ternary'), granularity }),
  fc.record({ family: family('dorefa'), bits: bits(1, 8), unit: fc.boolean() }),
  fc.record({
    family: family('codebook'),
    bits: bits(1, 8),
    granularity: fc.constantFrom('tensor' as const, 'channel' as const),
  }),
  fc
    .record({ dimension: fc.integer({ min: 1, max: 8 }), entries: fc.integer({ min: 2, max: 256 }) })
    .chain(({ dimension, entries }) =>
      fc.record({
        family: family('vector'),
        dimension: fc.constant(dimension),
        entries: fc.constant(entries),
        parts: fc.constantFrom(...[1, 2, 3, 4, 5, 6, 7, 8].filter((parts) => dimension % parts === 0)),
      }),
    ),
);

describe('the text of a scheme', () => {
  it('says everything: reading it gives the spec back', () => {
    fc.assert(
      fc.property(spec, (value) => {
        expect(parseScheme(formatScheme(value))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves out what is usual and puts the rest in order', () => {
    expect(canonicalScheme('int8/channel/minmax')).toBe('int8');
    expect(canonicalScheme('int4/mse/block32')).toBe('int4/block32/mse');
    expect(canonicalScheme('uint8/asym')).toBe('uint8');
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
    expect(families.size).toBe(12);
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
