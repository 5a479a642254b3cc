import { granularity, type Granularity } from '../options/granularity';
import { bitsControl, choice, type Option } from '../options/Option';
import { MINMAX, range, type Range } from '../options/range';
import { upTo, widthOf, widths, type Format, type SchemeFamily } from './SchemeFamily';

/** Evenly spaced levels around an integer zero point (Jacob et al. 2017, section 2.1); a symmetric grid has it in the middle. */
export interface AffineSpec {
  readonly family: 'affine';
  readonly bits: 2 | 3 | 4 | 5 | 6 | 7 | 8 | 16;
  readonly signed: boolean;
  readonly symmetric: boolean;
  /**
   * The rule for the scale of a symmetric grid: `even`, the largest magnitude gets the greatest code, 2^(bits-1) - 1;
   * `signed`, the weight of largest magnitude gets the lowest, -2^(bits-1), which no other grid uses, and the scale may be
   * negative. Null is usual: in each group what has the smaller error, or with 8 bits and more, where that is less than
   * 0.07 dB, `even`.
   */
  readonly ends: 'even' | 'signed' | null;
  readonly granularity: Granularity;
  readonly range: Range;
}

const BITS = [...upTo(2, 8), 16];

const SYMMETRY: Option<AffineSpec> = {
  name: 'zero point',
  values: ['sym', 'asym'],
  examples: ['sym', 'asym'],
  description: 'in the middle, or where it fits',
  pattern: 'sym|asym',
  read: (word) => (word === 'sym' || word === 'asym' ? { symmetric: word === 'sym' } : null),
  write: ({ symmetric }) => (symmetric ? 'sym' : 'asym'),
  controls: ({ symmetric }) => [
    choice('symmetry', 'Zero point', symmetric ? 'sym' : 'asym', SYMMETRIES, (value) => ({
      symmetric: value === 'sym',
      ends: null,
    })),
  ],
};

const ENDS: Option<AffineSpec> = {
  name: 'ends',
  values: ['even', 'signed'],
  examples: ['sym/even', 'sym/signed'],
  description: 'largest magnitude at the greatest code, or largest weight at the lowest; else the better',
  pattern: 'even|signed',
  read: (word, { bits }) => {
    if (word === 'signed') return { ends: 'signed' };
    return word === 'even' ? { ends: chooses(bits) ? 'even' : null } : null;
  },
  write: ({ ends }) => ends ?? '',
  describe: ({ ends }) => (ends === null ? '' : ENDS_TEXT[ends]),
  controls: ({ symmetric, bits, ends }) => {
    if (!symmetric) return [];
    const half = 2 ** (bits - 1);
    const better = chooses(bits) ? [{ value: 'better', label: 'better of both' }] : [];
    const even = { value: 'even', label: `magnitude / ${half - 1}` };
    const signed = { value: 'signed', label: `signed / -${half}` };
    return [
      choice('ends', 'Scale from', ends ?? (better[0] ?? even).value, [...better, even, signed], (value) => ({
        ends: value === 'better' ? null : value,
      })),
    ];
  },
};

/** Whether grids of so many bits are chosen by their error: with more, the lowest code is one of too many to matter. */
export function chooses(bits: number): boolean {
  return bits < 8;
}

const ENDS_TEXT = {
  even: 'as many levels above zero as below',
  signed: 'the weight of largest magnitude at the lowest code',
} as const;

const SYMMETRIES = [
  { value: 'sym', label: 'symmetric' },
  { value: 'asym', label: 'asymmetric' },
];

export const affine: SchemeFamily<AffineSpec> = {
  formats: [
    format('int', 'Integer', 'integers; symmetric', true),
    format('uint', 'Unsigned integer', 'unsigned integers; asymmetric', false),
  ],
  options: [
    SYMMETRY,
    ENDS,
    granularity(({ symmetric }) => (symmetric ? 'one scale' : 'scale and zero point')),
    range(({ symmetric }) => !symmetric),
  ],
  isSound: ({ symmetric, ends }) => symmetric || ends === null,
  nameOf: ({ signed, bits }) => `${signed ? 'int' : 'uint'}${bits}`,
  describe: ({ bits, signed, symmetric }) =>
    `${bits}-bit ${signed ? 'integers' : 'unsigned integers'}, ${symmetric ? 'symmetric' : 'asymmetric'}`,
  codeBits: ({ bits }) => bits,
  controls: ({ bits }) => [bitsControl(bits, BITS)],
  mark: 'integer',
  about: 'uniform affine, symmetric or asymmetric with an integer zero point (Jacob et al. 2017)',
  presets: {
    common: ['int8', 'int8/tensor', 'uint8', 'int4', 'int4/block32'],
    'low-bit': ['int4/mse', 'int4/block32', 'uint4/block32', 'int3/block32', 'uint2/block32'],
    all: [
      ...['int16', 'int8', 'int8/tensor', 'int8/mse', 'int8/block32', 'uint8', 'int6', 'int5', 'int4'],
      ...['int4/tensor', 'int4/mse', 'int4/entropy', 'int4/p99.9', 'int4/block32', 'int4/block128'],
      ...['uint4', 'uint4/block32', 'int3/block32', 'uint2/block32'],
    ],
  },
};

/** Signed integers are symmetric by default, unsigned ones asymmetric. */
function format(id: string, label: string, description: string, signed: boolean): Format<AffineSpec> {
  return {
    id,
    label,
    description,
    ...widths(id, BITS),
    make: (name) => ({
      family: 'affine',
      bits: widthOf<AffineSpec['bits']>(name),
      signed,
      symmetric: signed,
      ends: null,
      granularity: 'channel',
      range: MINMAX,
    }),
  };
}
