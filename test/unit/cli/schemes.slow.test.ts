import { describe, expect, it } from 'vitest';
import { FORMATS, OPTIONS } from '../../../src/cli/formats';
import { canonicalScheme } from '../../../src/core/scheme/scheme';
import { optionsOf } from '../../../src/core/scheme/schemeOptions';
import { parseScheme } from '../../../src/core/scheme/schemeSyntax';
import { reachable } from '../core/scheme/reachableSchemes';
import { quantscope } from './runCli';

const named = (name: string) => name.replace('vqDxN', 'vq4x16');
const examples: Record<string, string> = {
  blockN: 'block64',
  pN: 'p99',
  clipN: 'clip0.8',
  'clipN:N': 'clip0.7:0.8',
};
const written = (value: string) =>
  examples[value] ?? value.replace('stochasticN', 'stochastic7').replace('partsN', 'parts2');

describe('the list of formats', () => {
  it('holds every format that there is', () => {
    const listed = new Set(FORMATS.flatMap(({ names }) => names));
    for (const scheme of reachable(3)) {
      const format = scheme.split('/')[0]!;
      expect(listed).toContain(format.startsWith('vq') ? 'vqDxN' : format);
    }
  });

  it('gives each format options that it takes, each value of them', () => {
    for (const { names, options } of FORMATS)
      for (const name of names)
        for (const option of options)
          for (const value of OPTIONS[option]!.values) {
            const needs = option === 'random' ? '/unit' : '';
            expect(canonicalScheme(`${named(name)}${needs}/${written(value)}`)).not.toBeNull();
          }
  });

  it('leaves out no option', () => {
    for (const { names, options } of FORMATS)
      expect(
        optionsOf(parseScheme(named(names[0]!))!).some(({ id }) => id === 'granularity' || id === 'block'),
      ).toBe(options.some((option) => ['scale', 'block', 'codebook'].includes(option)));
  });
});

describe('quantscope schemes', () => {
  it('prints what can be written', async () => {
    const { code, stdout, stderr } = await quantscope('schemes');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^int2 … int8 int16 +zero point, scale, range/m);
    expect(stdout).toMatch(/^low-bit:\n {2}int4\/mse/m);
  });

  it('prints JSON for machines', async () => {
    const { stdout } = await quantscope('schemes', '--json');
    const { formats, options, presets } = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    expect(formats).toHaveLength(FORMATS.length);
    expect(Object.keys(options!)).toEqual(Object.keys(OPTIONS));
    expect(Object.keys(presets!)).toEqual(['common', 'low-bit', 'all']);
    expect((presets!['common'] as unknown[])[0]).toEqual({
      scheme: 'int8',
      description: '8-bit integers, symmetric, one scale per output channel.',
    });
  });
});
