import { granularity, type Granularity } from '../options/granularity';
import type { SchemeFamily } from './SchemeFamily';

/** Minus, zero, plus (Li et al. 2016, Ternary Weight Networks). */
export interface TernarySpec {
  readonly family: 'ternary';
  readonly granularity: Granularity;
}

export const ternary: SchemeFamily<TernarySpec> = {
  formats: [
    {
      id: 'ternary',
      label: 'Ternary',
      names: ['ternary'],
      description: 'minus, zero, plus',
      make: () => ({ family: 'ternary', granularity: 'channel' }),
      nearest: () => 'ternary',
    },
  ],
  options: [granularity()],
  nameOf: () => 'ternary',
  describe: () => 'Minus, zero or plus (TWN)',
  codeBits: () => 2,
  controls: () => [],
  mark: 'sign',
  about: 'minus, zero, plus (Ternary Weight Networks)',
  presets: { common: ['ternary'], 'low-bit': ['ternary'], all: ['ternary'] },
};
