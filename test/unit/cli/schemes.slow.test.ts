import { describe, expect, it } from 'vitest';
import { FORMATS, OPTIONS } from '../../../src/core/scheme/schemeTable';
import { reachable } from '../core/scheme/reachableSchemes';
import { quantscope } from './runCli';

describe('the list of formats', () => {
  it('holds every format that there is', () => {
    const listed = new Set(FORMATS.flatMap(({ names }) => names));
    for (const scheme of reachable(3)) {
      const format = scheme.split('/')[0]!;
      expect(listed).toContain(format.startsWith('vq') ? 'vqDxN' : format);
    }
  });
});

describe('quantscope schemes', () => {
  it('prints what can be written', async () => {
    const { code, stdout, stderr } = await quantscope('schemes');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^int2 … int8 int16 +zero point, ends, scale, range/m);
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
