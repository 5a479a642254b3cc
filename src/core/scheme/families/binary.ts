import { granularity, type Granularity } from '../options/granularity';
import { choice, wholeNumber, type Option } from '../options/Option';
import { unit } from '../options/unit';
import type { SchemeFamily } from './SchemeFamily';

/** The sign, times a scale (Rastegari et al. 2016) or plainly +-1 (Courbariaux et al. 2015). */
export interface BinarySpec {
  readonly family: 'binary';
  /** Levels +-1 as BinaryConnect has them, rather than the scale of least error. */
  readonly unit: boolean;
  /** Seed of the random rounding (BinaryConnect, equation 2); null for the sign itself. */
  readonly seed: number | null;
  readonly granularity: Granularity;
}

const LEVELS = [
  { value: 'scaled', label: 'scaled to the weights' },
  { value: 'unit', label: '-1 and 1' },
  { value: 'random', label: '-1 and 1 at random' },
];

/** One control for whether the levels are scaled and whether they are random. */
const UNIT = unit<BinarySpec>((spec) => [
  choice('levels', 'Levels', levelsOf(spec), LEVELS, (value) => ({
    unit: value !== 'scaled',
    seed: value === 'random' ? 1 : null,
  })),
]);

const SEED: Option<BinarySpec> = {
  name: 'random',
  values: ['stochasticN'],
  examples: ['unit/stochastic7'],
  description: 'rounded at random, N is the seed; with unit',
  pattern: 'stochastic\\d{1,9}',
  read: (word) => {
    const digits = /^stochastic(\d{1,9})$/.exec(word)?.[1];
    return digits === undefined ? null : { seed: Number(digits) };
  },
  write: ({ seed }) => (seed === null ? '' : `stochastic${seed}`),
  controls: ({ seed }) =>
    seed === null
      ? []
      : [wholeNumber('seed', 'Seed', seed, [0, 999_999_999, 1], (value) => ({ seed: value }))],
};

export const binary: SchemeFamily<BinarySpec> = {
  formats: [
    {
      id: 'binary',
      label: 'Binary',
      names: ['binary'],
      description: 'the sign, times a scale',
      make: () => ({ family: 'binary', unit: false, seed: null, granularity: 'channel' }),
      nearest: () => 'binary',
    },
  ],
  options: [UNIT, SEED, granularity((spec) => (spec.unit ? '' : 'one scale'))],
  // The random rounding of BinaryConnect is between -1 and 1.
  isSound: (spec) => spec.seed === null || spec.unit,
  nameOf: () => 'binary',
  describe: (spec) => {
    if (spec.seed !== null) return `1 bit: -1 or 1 at random, seed ${spec.seed} (BinaryConnect)`;
    return spec.unit
      ? '1 bit: -1 or 1 (BinaryConnect)'
      : '1 bit: the sign, times the mean magnitude (XNOR-Net)';
  },
  codeBits: () => 1,
  controls: () => [],
  mark: 'sign',
  about: "XNOR-Net's sign and scale; `unit`, BinaryConnect's ±1, and `stochasticN` at random by seed",
  presets: {
    common: ['binary'],
    'low-bit': ['binary'],
    all: ['binary', 'binary/block32', 'binary/unit', 'binary/unit/stochastic1'],
  },
};

function levelsOf({ unit, seed }: BinarySpec): string {
  if (seed !== null) return 'random';
  return unit ? 'unit' : 'scaled';
}
