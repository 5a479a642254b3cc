import { granularity, type Granularity } from '../options/granularity';
import { MINMAX, range, type Range } from '../options/range';
import type { SchemeFamily } from './SchemeFamily';

/** Quantiles of a normal distribution (Dettmers et al. 2023, QLoRA). */
export interface NormalFloatSpec {
  readonly family: 'nf4';
  readonly granularity: Granularity;
  readonly range: Range;
}

export const nf4: SchemeFamily<NormalFloatSpec> = {
  formats: [
    {
      id: 'nf4',
      label: 'NormalFloat (NF4)',
      names: ['nf4'],
      description: 'quantiles of a normal distribution',
      make: () => ({ family: 'nf4', granularity: 'channel', range: MINMAX }),
      nearest: () => 'nf4',
    },
  ],
  options: [granularity(), range()],
  nameOf: () => 'nf4',
  describe: () => '4 bits: quantiles of a normal distribution (NF4)',
  codeBits: () => 4,
  controls: () => [],
  mark: 'float',
  about: 'quantiles of a normal distribution (QLoRA)',
  presets: { common: ['nf4/block32'], 'low-bit': ['nf4/block32'], all: ['nf4', 'nf4/block32'] },
};
