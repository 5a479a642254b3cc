import { granularity, type Granularity } from '../options/granularity';
import { choice, type Control } from '../options/Option';
import { MINMAX, range, type Range } from '../options/range';
import type { SchemeFamily } from './SchemeFamily';

export type MinifloatFormat = 'fp8e4m3' | 'fp8e5m2' | 'fp6e3m2' | 'fp6e2m3' | 'fp4';

/** Floating-point numbers of 4 to 8 bits, times a float32 scale. */
export interface MinifloatSpec {
  readonly family: 'minifloat';
  readonly format: MinifloatFormat;
  readonly granularity: Granularity;
  readonly range: Range;
}

export const MINIFLOAT_NAMES = ['fp8e4m3', 'fp8e5m2', 'fp6e3m2', 'fp6e2m3', 'fp4'] as const;

export const MINIFLOAT_TEXT: Readonly<Record<MinifloatFormat, string>> = {
  fp8e4m3: 'FP8 E4M3FN',
  fp8e5m2: 'FP8 E5M2',
  fp6e3m2: 'FP6 E3M2',
  fp6e2m3: 'FP6 E2M3',
  fp4: 'FP4 E2M1',
};

const LAYOUTS = [
  { value: 'fp8e4m3', label: '8 bits, E4M3' },
  { value: 'fp8e5m2', label: '8 bits, E5M2' },
  { value: 'fp6e2m3', label: '6 bits, E2M3' },
  { value: 'fp6e3m2', label: '6 bits, E3M2' },
  { value: 'fp4', label: '4 bits, E2M1' },
];

export function layoutControl(format: MinifloatFormat): Control {
  return choice('layout', 'Layout', format, LAYOUTS, (value) => ({ format: value }));
}

export function minifloatBits({ format }: { readonly format: MinifloatFormat }): number {
  return Number(/\d/.exec(format)![0]);
}

/** The format of about so many bits. */
export function nearestMinifloat(bits: number): MinifloatFormat {
  return bits >= 7 ? 'fp8e4m3' : bits >= 5 ? 'fp6e2m3' : 'fp4';
}

export const minifloat: SchemeFamily<MinifloatSpec> = {
  formats: [
    {
      id: 'minifloat',
      label: 'Small float',
      names: MINIFLOAT_NAMES,
      description: 'small floats times a scale',
      make: (name) => ({
        family: 'minifloat',
        format: name as MinifloatFormat,
        granularity: 'channel',
        range: MINMAX,
      }),
      nearest: nearestMinifloat,
    },
  ],
  options: [granularity(), range()],
  nameOf: ({ format }) => format,
  describe: ({ format }) => `${MINIFLOAT_TEXT[format]} numbers`,
  codeBits: minifloatBits,
  controls: ({ format }) => [layoutControl(format)],
  mark: 'float',
  about: 'floats of 8 bits and fewer, times a scale (FP8: Micikevicius et al. 2022)',
  presets: { common: ['fp8e4m3'], all: ['fp8e4m3', 'fp8e5m2', 'fp4/block32'] },
};
