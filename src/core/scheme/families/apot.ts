import { granularity, type Granularity } from '../options/granularity';
import { bitsControl } from '../options/Option';
import { MINMAX, range, type Range } from '../options/range';
import { upTo, widthOf, widths, type SchemeFamily } from './SchemeFamily';

/** Sums of powers of two (Li et al. 2020, APoT). */
export interface AdditivePowersSpec {
  readonly family: 'apot';
  readonly bits: 3 | 4 | 5 | 6 | 7 | 8;
  readonly granularity: Granularity;
  readonly range: Range;
}

const BITS = upTo(3, 8);

export const apot: SchemeFamily<AdditivePowersSpec> = {
  formats: [
    {
      id: 'apot',
      label: 'Sums of powers (APoT)',
      ...widths('apot', BITS),
      description: 'sums of powers of two',
      make: (name) => ({
        family: 'apot',
        bits: widthOf<AdditivePowersSpec['bits']>(name),
        granularity: 'channel',
        range: MINMAX,
      }),
    },
  ],
  options: [granularity(), range()],
  nameOf: ({ bits }) => `apot${bits}`,
  describe: ({ bits }) => `${bits} bits: sign and sums of powers of two (APoT)`,
  codeBits: ({ bits }) => bits,
  controls: ({ bits }) => [bitsControl(bits, BITS)],
  mark: 'power',
  about: 'sums of powers of two (Li et al. 2020)',
  presets: { 'low-bit': ['apot4'], all: ['apot6', 'apot4'] },
};
