/** The formats that schemes are made of, for whoever writes one by hand. */

export interface Format {
  /** What a scheme's text starts with. */
  readonly names: readonly string[];
  /** Keys of `OPTIONS`, in the order in which they are written. */
  readonly options: readonly string[];
  readonly description: string;
}

export interface Option {
  /** What may be written after a slash; N is a number. */
  readonly values: readonly string[];
  readonly description: string;
}

const SMALL_FLOATS = ['fp8e4m3', 'fp8e5m2', 'fp6e3m2', 'fp6e2m3', 'fp4'];

export const FORMATS: readonly Format[] = [
  { names: ['float'], options: [], description: 'leave the weights as they are' },
  {
    names: [...count('int', 2, 8), 'int16'],
    options: ['zero point', 'scale', 'range'],
    description: 'integers; symmetric',
  },
  {
    names: [...count('uint', 2, 8), 'uint16'],
    options: ['zero point', 'scale', 'range'],
    description: 'unsigned integers; asymmetric',
  },
  {
    names: count('log', 2, 8),
    options: ['base', 'scale', 'range'],
    description: 'sign, zero, powers of two',
  },
  { names: count('apot', 3, 8), options: ['scale', 'range'], description: 'sums of powers of two' },
  { names: SMALL_FLOATS, options: ['scale', 'range'], description: 'small floats times a scale' },
  { names: ['nf4'], options: ['scale', 'range'], description: 'quantiles of a normal distribution' },
  {
    names: SMALL_FLOATS.map((name) => `mx${name}`),
    options: ['block'],
    description: 'small floats and a power of two per block',
  },
  { names: ['bf16', 'fp16'], options: [], description: '16-bit floats' },
  { names: count('codebook', 1, 8), options: ['codebook'], description: 'levels of least squared error' },
  { names: ['vqDxN'], options: ['parts'], description: 'D (1 to 8) weights from N (2 to 256) entries' },
  { names: count('dorefa', 1, 8), options: ['levels'], description: 'evenly spaced after a tanh' },
  { names: ['ternary'], options: ['scale'], description: 'minus, zero, plus' },
  { names: ['binary'], options: ['levels', 'random', 'scale'], description: 'the sign, times a scale' },
];

export const OPTIONS: Readonly<Record<string, Option>> = {
  'zero point': { values: ['sym', 'asym'], description: 'in the middle, or where it fits' },
  scale: {
    values: ['tensor', 'channel', 'blockN'],
    description: 'what shares one (N 16 to 256); else channel',
  },
  block: { values: ['blockN'], description: 'N is 16 to 256; else 32' },
  codebook: { values: ['tensor', 'channel'], description: 'what shares one; else tensor' },
  range: {
    values: ['minmax', 'mse', 'entropy', 'pN', 'clipN', 'clipN:N'],
    description: 'percentile from 50; share of the ends to 2',
  },
  base: { values: ['base2', 'sqrt2'], description: 'of the powers' },
  levels: { values: ['unit'], description: 'from -1 to 1 instead of scaled' },
  random: { values: ['stochasticN'], description: 'rounded at random, N is the seed; with unit' },
  parts: { values: ['partsN'], description: 'codebooks that share a vector; divides D' },
};

function count(name: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${name}${from + i}`);
}
