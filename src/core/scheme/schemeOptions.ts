/** What of a scheme can be chosen, one option at a time, each with the values that it may have. */
import { MIN_BLOCK, MAX_BLOCK, type Granularity, type Range, type SchemeSpec } from './SchemeSpec';
import { formatScheme, parseScheme } from './schemeSyntax';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface OptionBase {
  readonly id: string;
  readonly label: string;
  /** As text, also of a number. */
  readonly value: string;
  /** The scheme with another value of this option; null if the value is not one that it may have. */
  apply(value: string): SchemeSpec | null;
}

export interface ChoiceOption extends OptionBase {
  readonly kind: 'choice';
  readonly choices: readonly Choice[];
}

export interface NumberOption extends OptionBase {
  readonly kind: 'number';
  readonly least: number;
  readonly most: number;
  /** What an arrow key adds. */
  readonly step: number;
  readonly whole: boolean;
}

export type SchemeOption = ChoiceOption | NumberOption;

/** A kind of format as people choose it, and its scheme for about so many bits. */
interface Kind extends Choice {
  has(spec: SchemeSpec): boolean;
  make(bits: number): string;
}

const INTEGER_BITS = [2, 3, 4, 5, 6, 7, 8, 16] as const;
const BYTE_BITS = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const LOG_BITS = BYTE_BITS.slice(1);
const APOT_BITS = BYTE_BITS.slice(2);

const KINDS: readonly Kind[] = [
  {
    value: 'int',
    label: 'Integer',
    has: (spec) => spec.family === 'affine' && spec.signed,
    make: (bits) => `int${nearest(INTEGER_BITS, bits)}`,
  },
  {
    value: 'uint',
    label: 'Unsigned integer',
    has: (spec) => spec.family === 'affine' && !spec.signed,
    make: (bits) => `uint${nearest(INTEGER_BITS, bits)}`,
  },
  kind('minifloat', 'Small float', (bits) => smallFloat(bits)),
  kind('mx', 'Microscaling float', (bits) => `mx${smallFloat(bits)}`),
  kind('half', 'Half float', () => 'fp16'),
  kind('nf4', 'NormalFloat (NF4)', () => 'nf4'),
  kind('log', 'Powers of two', (bits) => `log${nearest(LOG_BITS, bits)}`),
  kind('apot', 'Sums of powers (APoT)', (bits) => `apot${nearest(APOT_BITS, bits)}`),
  kind('codebook', 'Codebook (Lloyd-Max)', (bits) => `codebook${nearest(BYTE_BITS, bits)}`),
  kind('vector', 'Vector codebook (LBG)', (bits) => `vq${bits < 1.5 ? 8 : bits < 3 ? 4 : 2}x256`),
  kind('dorefa', 'Tanh (DoReFa)', (bits) => `dorefa${nearest(BYTE_BITS, bits)}`),
  kind('ternary', 'Ternary', () => 'ternary'),
  kind('binary', 'Binary', () => 'binary'),
  kind('float', 'Float, as it is', () => 'float'),
];

/** Numbers that are counted. */
const WHOLE: ReadonlySet<string> = new Set(['block', 'entries', 'seed']);

/** The options that a scheme's format has, the format first. */
export function optionsOf(spec: SchemeSpec): readonly SchemeOption[] {
  return [formatOption(spec), ...ownOptions(spec), ...scaleOptions(spec), ...rangeOptions(spec)];
}

/** Bits that one weight's code takes, without scales. */
export function codeBits(spec: SchemeSpec): number {
  switch (spec.family) {
    case 'float':
      return 32;
    case 'half':
      return 16;
    case 'minifloat':
    case 'mx':
      return Number(/\d/.exec(spec.format)![0]);
    case 'nf4':
      return 4;
    case 'ternary':
      return 2;
    case 'binary':
      return 1;
    case 'vector':
      return (Math.log2(spec.entries) * spec.parts) / spec.dimension;
    default:
      return spec.bits;
  }
}

function kind(family: SchemeSpec['family'], label: string, make: Kind['make']): Kind {
  return { value: family, label, has: (spec) => spec.family === family, make };
}

function formatOption(spec: SchemeSpec): SchemeOption {
  return choice('format', 'Format', KINDS.find(({ has }) => has(spec))!.value, KINDS, (value) => {
    const chosen = KINDS.find((each) => each.value === value)!;
    return chosen.has(spec) ? spec : carryOver(spec, parseScheme(chosen.make(codeBits(spec)))!);
  });
}

/** Granularity and range stay as they were where the new format has them. */
function carryOver(from: SchemeSpec, to: SchemeSpec): SchemeSpec {
  const scale = from.family === 'mx' ? from.block : 'granularity' in from ? from.granularity : undefined;
  const blocks = typeof scale === 'number';
  if (to.family === 'mx') return blocks ? { ...to, block: scale } : to;
  let spec: SchemeSpec = to;
  if ('granularity' in spec && scale !== undefined && !(spec.family === 'codebook' && blocks))
    spec = { ...spec, granularity: scale } as SchemeSpec;
  if ('range' in spec && 'range' in from) spec = { ...spec, range: from.range };
  return sound(spec) ?? to;
}

/** What only this family has. */
function ownOptions(spec: SchemeSpec): readonly SchemeOption[] {
  switch (spec.family) {
    case 'affine':
      return [
        bits(spec, INTEGER_BITS),
        change(spec, 'symmetry', 'Zero point', spec.symmetric ? 'sym' : 'asym', SYMMETRY, (value) => ({
          symmetric: value === 'sym',
        })),
      ];
    case 'log':
      return [bits(spec, LOG_BITS), change(spec, 'base', 'Base', spec.base, BASES, (base) => ({ base }))];
    case 'apot':
      return [bits(spec, APOT_BITS)];
    case 'codebook':
      return [bits(spec, BYTE_BITS)];
    case 'dorefa':
      return [
        bits(spec, BYTE_BITS),
        change(spec, 'levels', 'Levels', spec.unit ? 'unit' : 'scaled', UNITS, (value) => ({
          unit: value === 'unit',
        })),
      ];
    case 'minifloat':
    case 'mx':
      return [change(spec, 'layout', 'Layout', spec.format, MINIFLOATS, (format) => ({ format }))];
    case 'half':
      return [change(spec, 'layout', 'Layout', spec.format, HALVES, (format) => ({ format }))];
    case 'binary':
      return binaryOptions(spec);
    case 'vector':
      return vectorOptions(spec);
    default:
      return [];
  }
}

const SYMMETRY = [
  { value: 'sym', label: 'symmetric' },
  { value: 'asym', label: 'asymmetric' },
];
const BASES = [
  { value: '2', label: '2' },
  { value: 'sqrt2', label: '√2' },
];
const UNITS = [
  { value: 'scaled', label: 'scaled to the weights' },
  { value: 'unit', label: '-1 to 1' },
];
const SIGNS = [
  { value: 'scaled', label: 'scaled to the weights' },
  { value: 'unit', label: '-1 and 1' },
  { value: 'random', label: '-1 and 1 at random' },
];
const HALVES = [
  { value: 'fp16', label: 'float16' },
  { value: 'bf16', label: 'bfloat16' },
];
const MINIFLOATS = [
  { value: 'fp8e4m3', label: '8 bits, E4M3' },
  { value: 'fp8e5m2', label: '8 bits, E5M2' },
  { value: 'fp6e2m3', label: '6 bits, E2M3' },
  { value: 'fp6e3m2', label: '6 bits, E3M2' },
  { value: 'fp4', label: '4 bits, E2M1' },
];

function binaryOptions(spec: Extract<SchemeSpec, { family: 'binary' }>): SchemeOption[] {
  const levels = spec.seed !== null ? 'random' : spec.unit ? 'unit' : 'scaled';
  const options: SchemeOption[] = [
    change(spec, 'levels', 'Levels', levels, SIGNS, (value) => ({
      unit: value !== 'scaled',
      seed: value === 'random' ? 1 : null,
    })),
  ];
  if (spec.seed !== null)
    options.push(number(spec, 'seed', 'Seed', spec.seed, [0, 999_999_999, 1], (seed) => ({ seed })));
  return options;
}

function vectorOptions(spec: Extract<SchemeSpec, { family: 'vector' }>): SchemeOption[] {
  const parts = BYTE_BITS.filter((count) => spec.dimension % count === 0);
  const options: SchemeOption[] = [
    change(spec, 'dimension', 'Weights', String(spec.dimension), numerals(BYTE_BITS), (value) => {
      const dimension = Number(value);
      return { dimension, parts: dimension % spec.parts === 0 ? spec.parts : 1 };
    }),
    number(spec, 'entries', 'Entries', spec.entries, [2, 256, 1], (entries) => ({ entries })),
  ];
  if (parts.length > 1)
    options.push(
      change(spec, 'parts', 'Codebooks', String(spec.parts), numerals(parts), (value) => ({
        parts: Number(value),
      })),
    );
  return options;
}

/** What shares a scale, and how many weights do. */
function scaleOptions(spec: SchemeSpec): SchemeOption[] {
  if (spec.family === 'mx')
    return [
      number(spec, 'block', 'Block size', spec.block, [MIN_BLOCK, MAX_BLOCK, 16], (block) => ({ block })),
    ];
  if (!('granularity' in spec)) return [];
  const { granularity } = spec;
  const blocks = typeof granularity === 'number';
  const choices = spec.family === 'codebook' ? GRANULARITIES.slice(0, 2) : GRANULARITIES;
  const label = spec.family === 'codebook' ? 'Codebook per' : 'Scale per';
  const options: SchemeOption[] = [
    change(spec, 'granularity', label, blocks ? 'block' : granularity, choices, (value) => ({
      granularity: (value === 'block' ? 32 : value) as Granularity,
    })),
  ];
  if (blocks)
    options.push(
      number(spec, 'block', 'Block size', granularity, [MIN_BLOCK, MAX_BLOCK, 16], (size) => ({
        granularity: size,
      })),
    );
  return options;
}

const GRANULARITIES = [
  { value: 'tensor', label: 'tensor' },
  { value: 'channel', label: 'channel' },
  { value: 'block', label: 'block' },
];

function rangeOptions(spec: SchemeSpec): SchemeOption[] {
  if (!('range' in spec)) return [];
  const { range } = spec;
  const options: SchemeOption[] = [
    change(spec, 'range', 'Range', range.method, RANGES, (method) => ({ range: STARTS[method] })),
  ];
  if (range.method === 'percentile')
    options.push(
      number(spec, 'percent', 'Percent', range.percent, [50, 100, 0.1], (percent) => ({
        range: { method: 'percentile', percent },
      })),
    );
  if (range.method !== 'clip') return options;
  const { lower, upper } = range;
  const clip = (id: string, label: string, share: number, set: (share: number) => Range) =>
    number(spec, id, label, Number((share * 100).toFixed(2)), [1, 200, 1], (percent) => ({
      range: set(percent / 100),
    }));
  // A symmetric range has but one number.
  if (!(spec.family === 'affine' && !spec.symmetric))
    return [
      ...options,
      clip('upper', '% of largest', upper, (share) => ({ method: 'clip', lower: share, upper: share })),
    ];
  return [
    ...options,
    clip('lower', '% of least', lower, (share) => ({ method: 'clip', lower: share, upper })),
    clip('upper', '% of greatest', upper, (share) => ({ method: 'clip', lower, upper: share })),
  ];
}

const RANGES = [
  { value: 'minmax', label: 'least to greatest' },
  { value: 'mse', label: 'least squared error' },
  { value: 'entropy', label: 'least KL divergence' },
  { value: 'percentile', label: 'percentile' },
  { value: 'clip', label: 'clipped' },
];
const STARTS: Readonly<Record<string, Range>> = {
  minmax: { method: 'minmax' },
  mse: { method: 'mse' },
  entropy: { method: 'entropy' },
  percentile: { method: 'percentile', percent: 99.9 },
  clip: { method: 'clip', lower: 0.9, upper: 0.9 },
};

function bits(spec: SchemeSpec & { bits: number }, allowed: readonly number[]): SchemeOption {
  return change(spec, 'bits', 'Bits', String(spec.bits), numerals(allowed), (value) => ({
    bits: Number(value),
  }));
}

/** A choice that changes some fields of the spec. */
function change(
  spec: SchemeSpec,
  id: string,
  label: string,
  value: string,
  choices: readonly Choice[],
  fields: (value: string) => object,
): SchemeOption {
  return choice(id, label, value, choices, (chosen) =>
    chosen === value ? spec : sound({ ...spec, ...fields(chosen) } as SchemeSpec),
  );
}

function choice(
  id: string,
  label: string,
  value: string,
  choices: readonly Choice[],
  make: (value: string) => SchemeSpec | null,
): ChoiceOption {
  const apply = (chosen: string) => (choices.some((each) => each.value === chosen) ? make(chosen) : null);
  return { kind: 'choice', id, label, value, choices, apply };
}

function number(
  spec: SchemeSpec,
  id: string,
  label: string,
  value: number,
  [least, most, step]: readonly [number, number, number],
  fields: (value: number) => object,
): NumberOption {
  const whole = WHOLE.has(id);
  const apply = (text: string) => {
    const entered = text.trim() === '' ? NaN : Number(text);
    if (!(entered >= least && entered <= most) || (whole && !Number.isInteger(entered))) return null;
    return sound({ ...spec, ...fields(entered) } as SchemeSpec);
  };
  return { kind: 'number', id, label, value: String(value), least, most, step, whole, apply };
}

/** The spec as its text says it, so that only what can be written is chosen. */
function sound(spec: SchemeSpec): SchemeSpec | null {
  return parseScheme(formatScheme(spec));
}

function numerals(values: readonly number[]): Choice[] {
  return values.map((value) => ({ value: String(value), label: String(value) }));
}

function nearest(allowed: readonly number[], bits: number): number {
  return allowed.reduce((best, each) => (Math.abs(each - bits) < Math.abs(best - bits) ? each : best));
}

function smallFloat(bits: number): string {
  return bits >= 7 ? 'fp8e4m3' : bits >= 5 ? 'fp6e2m3' : 'fp4';
}
