import { granularity, type Granularity } from '../options/granularity';
import { bitsControl, choice, type Option } from '../options/Option';
import { MINMAX, range, type Range } from '../options/range';
import { upTo, widthOf, widths, type SchemeFamily } from './SchemeFamily';

/** Sign, zero and powers of 2 or of its square root (Miyashita et al. 2016). */
export interface LogSpec {
  readonly family: 'log';
  readonly bits: 2 | 3 | 4 | 5 | 6 | 7 | 8;
  readonly base: '2' | 'sqrt2';
  readonly granularity: Granularity;
  readonly range: Range;
}

const BITS = upTo(2, 8);

const BASE: Option<LogSpec> = {
  name: 'base',
  values: ['base2', 'sqrt2'],
  examples: ['base2', 'sqrt2'],
  description: 'of the powers',
  pattern: 'base2|sqrt2',
  read: (word) => (word === 'sqrt2' || word === 'base2' ? { base: word === 'sqrt2' ? 'sqrt2' : '2' } : null),
  write: ({ base }) => (base === '2' ? 'base2' : 'sqrt2'),
  controls: ({ base }) => [choice('base', 'Base', base, BASES, (value) => ({ base: value }))],
};

const BASES = [
  { value: '2', label: '2' },
  { value: 'sqrt2', label: '√2' },
];

export const log: SchemeFamily<LogSpec> = {
  formats: [
    {
      id: 'log',
      label: 'Powers of two',
      ...widths('log', BITS),
      description: 'sign, zero, powers of two',
      make: (name) => ({
        family: 'log',
        bits: widthOf<LogSpec['bits']>(name),
        base: '2',
        granularity: 'channel',
        range: MINMAX,
      }),
    },
  ],
  options: [BASE, granularity(), range()],
  nameOf: ({ bits }) => `log${bits}`,
  describe: ({ bits, base }) =>
    `${bits} bits: sign, zero and powers of ${base === '2' ? 'two' : 'the square root of two'}`,
  codeBits: ({ bits }) => bits,
  controls: ({ bits }) => [bitsControl(bits, BITS)],
  mark: 'power',
  about: 'sign, zero and powers of two, or of its square root (Miyashita et al. 2016)',
  presets: { common: ['log4'], 'low-bit': ['log4'], all: ['log8/sqrt2', 'log5/sqrt2', 'log4', 'log3'] },
};
