import { describe, expect, it } from 'vitest';
import { isSchemeId } from '../../../../src/core/scheme/scheme';
import { ALL_SCHEMES } from '../../../../src/core/scheme/schemeLists';
import { codeBits, optionsOf } from '../../../../src/core/scheme/schemeOptions';
import { formatScheme, parseScheme } from '../../../../src/core/scheme/schemeSyntax';
import { reachable } from './reachableSchemes';

const spec = (text: string) => parseScheme(text)!;
const option = (text: string, id: string) => optionsOf(spec(text)).find((each) => each.id === id)!;
const change = (text: string, id: string, value: string) => {
  const changed = option(text, id).apply(value);
  return changed && formatScheme(changed);
};
const ids = (text: string) => optionsOf(spec(text)).map(({ id }) => id);

describe('options of a scheme', () => {
  it.each([
    ['float', ['format']],
    ['int8', ['format', 'bits', 'symmetry', 'ends', 'granularity', 'range']],
    ['int8/asym', ['format', 'bits', 'symmetry', 'granularity', 'range']],
    [
      'uint4/block32/clip0.8',
      ['format', 'bits', 'symmetry', 'granularity', 'block', 'range', 'lower', 'upper'],
    ],
    ['int4/p99.9', ['format', 'bits', 'symmetry', 'ends', 'granularity', 'range', 'percent']],
    ['int4/clip0.8', ['format', 'bits', 'symmetry', 'ends', 'granularity', 'range', 'upper']],
    ['log4', ['format', 'bits', 'base', 'granularity', 'range']],
    ['nf4/block32', ['format', 'granularity', 'block', 'range']],
    ['mxfp4', ['format', 'layout', 'block']],
    ['fp16', ['format', 'layout']],
    ['dorefa4', ['format', 'bits', 'levels']],
    ['codebook4', ['format', 'bits', 'granularity']],
    ['binary/unit/stochastic1', ['format', 'levels', 'seed', 'granularity']],
    ['ternary', ['format', 'granularity']],
    ['vq2x256', ['format', 'dimension', 'entries', 'parts']],
  ])('%s has its own only', (text, expected) => {
    expect(ids(text)).toEqual(expected);
  });

  it('shows what the scheme has now', () => {
    for (const text of ALL_SCHEMES)
      for (const each of optionsOf(spec(text))) {
        expect(formatScheme(each.apply(each.value)!)).toBe(text);
        if (each.kind === 'choice') expect(each.choices.map(({ value }) => value)).toContain(each.value);
      }
  });

  it.each([
    ['int8', 'bits', '4', 'int4'],
    ['int8', 'symmetry', 'asym', 'int8/asym'],
    ['int4/signed', 'symmetry', 'asym', 'int4/asym'],
    ['int4', 'ends', 'signed', 'int4/signed'],
    ['int4/signed/block32', 'ends', 'even', 'int4/even/block32'],
    ['int4/signed/block32', 'ends', 'better', 'int4/block32'],
    ['int4/even', 'bits', '8', 'int8'],
    ['int8/signed', 'ends', 'even', 'int8'],
    ['int4/signed', 'bits', '3', 'int3/signed'],
    ['uint8', 'symmetry', 'sym', 'uint8/sym'],
    ['int4', 'granularity', 'block', 'int4/block32'],
    ['int4/block32', 'block', '128', 'int4/block128'],
    ['int4/block32', 'granularity', 'tensor', 'int4/tensor'],
    ['int4', 'range', 'percentile', 'int4/p99.9'],
    ['int4/p99.9', 'percent', '99.99', 'int4/p99.99'],
    ['uint4/clip0.8', 'lower', '70', 'uint4/clip0.7:0.8'],
    ['int4/clip0.8', 'upper', '85.5', 'int4/clip0.855'],
    ['log4', 'base', 'sqrt2', 'log4/sqrt2'],
    ['vq4x256/parts2', 'dimension', '3', 'vq3x256'],
    ['vq4x256/parts2', 'dimension', '6', 'vq6x256/parts2'],
    ['binary', 'levels', 'random', 'binary/unit/stochastic1'],
    ['binary/unit/stochastic1', 'levels', 'scaled', 'binary'],
    ['codebook4', 'granularity', 'channel', 'codebook4/channel'],
  ])('%s with %s %s is %s', (text, id, value, expected) => {
    expect(change(text, id, value)).toBe(expected);
  });

  it.each([
    ['int4/block32/mse', 'nf4', 'nf4/block32/mse'],
    ['int4/block32/mse', 'mx', 'mxfp4'],
    ['mxfp4/block64', 'int', 'int4/block64'],
    ['int8', 'minifloat', 'fp8e4m3'],
    ['int6/tensor', 'apot', 'apot6/tensor'],
    ['int16', 'codebook', 'codebook8/channel'],
    ['int4/block32', 'codebook', 'codebook4'],
    ['int2', 'vector', 'vq4x256'],
    ['vq2x256', 'int', 'int4'],
    ['int4/asym', 'uint', 'uint4'],
    ['ternary', 'float', 'float'],
  ])('%s keeps what it can as %s', (text, format, expected) => {
    expect(change(text, 'format', format)).toBe(expected);
  });

  it.each([
    ['int4/block32', 'block', '15'],
    ['int4/block32', 'block', '257'],
    ['int4/block32', 'block', '32.5'],
    ['int4/block32', 'block', ''],
    ['int4/block32', 'block', 'x'],
    ['int8', 'bits', '9'],
    ['int8', 'bits', ''],
    ['int4/p99.9', 'percent', '101'],
    ['vq2x256', 'entries', '1'],
  ])('%s refuses %s %j', (text, id, value) => {
    expect(change(text, id, value)).toBeNull();
  });

  it('leads to canonical texts only', () => {
    const all = reachable();
    expect(all.size).toBeGreaterThan(500);
    for (const text of all) expect(isSchemeId(text)).toBe(true);
  });

  it('counts the bits of a code', () => {
    expect(
      ['float', 'fp16', 'int4', 'mxfp6e2m3', 'fp4', 'nf4', 'vq4x256/parts2', 'vq8x256'].map((text) =>
        codeBits(spec(text)),
      ),
    ).toEqual([32, 16, 4, 6, 4, 4, 4, 1]);
  });
});
