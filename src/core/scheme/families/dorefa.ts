import { bitsControl, choice } from '../options/Option';
import { unit } from '../options/unit';
import { upTo, widthOf, widths, type SchemeFamily } from './SchemeFamily';

/** Evenly spaced after a tanh (Zhou et al. 2016, equation 9). */
export interface DorefaSpec {
  readonly family: 'dorefa';
  readonly bits: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  /** Levels from -1 to 1 as in the paper, rather than scaled to the least error. */
  readonly unit: boolean;
}

const BITS = upTo(1, 8);

const LEVELS = [
  { value: 'scaled', label: 'scaled to the weights' },
  { value: 'unit', label: '-1 to 1' },
];

export const dorefa: SchemeFamily<DorefaSpec> = {
  formats: [
    {
      id: 'dorefa',
      label: 'Tanh (DoReFa)',
      ...widths('dorefa', BITS),
      description: 'evenly spaced after a tanh',
      make: (name) => ({ family: 'dorefa', bits: widthOf<DorefaSpec['bits']>(name), unit: false }),
    },
  ],
  options: [
    unit((spec) => [
      choice('levels', 'Levels', spec.unit ? 'unit' : 'scaled', LEVELS, (value) => ({
        unit: value === 'unit',
      })),
    ]),
  ],
  nameOf: ({ bits }) => `dorefa${bits}`,
  describe: ({ bits, unit }) =>
    `${bits} ${bits === 1 ? 'bit' : 'bits'} after a tanh (DoReFa-Net)${unit ? ', levels from -1 to 1' : ''}`,
  codeBits: ({ bits }) => bits,
  controls: ({ bits }) => [bitsControl(bits, BITS)],
  mark: 'tanh',
  about: "DoReFa-Net's tanh transform (Zhou et al. 2016)",
  presets: { all: ['dorefa8', 'dorefa4'] },
};
