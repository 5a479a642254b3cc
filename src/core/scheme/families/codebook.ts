import { CODEBOOK_PER } from '../options/granularity';
import { bitsControl } from '../options/Option';
import { upTo, widthOf, widths, type SchemeFamily } from './SchemeFamily';

/** The levels of least squared error for these very weights. */
export interface CodebookSpec {
  readonly family: 'codebook';
  readonly bits: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  readonly granularity: 'tensor' | 'channel';
}

const BITS = upTo(1, 8);

export const codebook: SchemeFamily<CodebookSpec> = {
  formats: [
    {
      id: 'codebook',
      label: 'Codebook (Lloyd-Max)',
      ...widths('codebook', BITS),
      description: 'levels of least squared error',
      make: (name) => ({
        family: 'codebook',
        bits: widthOf<CodebookSpec['bits']>(name),
        granularity: 'tensor',
      }),
    },
  ],
  options: [CODEBOOK_PER],
  nameOf: ({ bits }) => `codebook${bits}`,
  describe: ({ bits, granularity }) =>
    `The ${2 ** bits} levels of least squared error (Lloyd-Max), a codebook per ${granularity}`,
  codeBits: ({ bits }) => bits,
  controls: ({ bits }) => [bitsControl(bits, BITS)],
  mark: 'codebook',
  about: 'Lloyd-Max levels for these very weights: the exact optimum of a fine histogram, then refined',
  presets: {
    'low-bit': ['codebook4/channel'],
    all: ['codebook8', 'codebook4', 'codebook4/channel', 'codebook3/channel', 'codebook2/channel'],
  },
};
