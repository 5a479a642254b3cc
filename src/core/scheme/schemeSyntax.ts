/**
 * The text of a scheme: a format and, after slashes, what differs from its defaults.
 *
 * ```
 * float
 * int2 … int8, int16, uint2 …   /asym /sym  then granularity and range
 * log2 … log8                   /sqrt2      then granularity and range
 * apot3 … apot8, nf4, fp8e4m3, fp8e5m2, fp6e3m2, fp6e2m3, fp4      granularity and range
 * bf16, fp16
 * mxfp8e4m3, mxfp8e5m2, mxfp6e3m2, mxfp6e2m3, mxfp4                /block16 …
 * binary                        /unit /stochastic<seed>            granularity
 * ternary                                                          granularity
 * dorefa1 … dorefa8             /unit
 * codebook1 … codebook8                                            granularity
 * vq<dimension>x<entries>       /parts<n>
 * ```
 *
 * Granularity is `tensor`, `channel` or `block16` to `block256`; range is `mse`, `entropy`, `p99.9` or `clip0.8` (`clip0.7:0.9` where the ends
 * differ). Defaults are one scale per channel and the range from least to greatest weight.
 */
import {
  MIN_BLOCK,
  MINMAX,
  MAX_BLOCK,
  type Granularity,
  type MinifloatFormat,
  type Range,
  type SchemeSpec,
} from './SchemeSpec';

/** A format's default scheme, and the options that it takes, in the order in which they are written. */
interface Grammar {
  readonly format: RegExp;
  readonly make: (match: RegExpExecArray) => SchemeSpec;
  readonly options: readonly Option[];
}

/** Reads and writes one option. */
interface Option {
  /** What the option sets, or null if the text is not of this option. */
  readonly read: (text: string, spec: SchemeSpec) => object | null;
  readonly write: (spec: SchemeSpec) => string;
}

const GRANULARITY: Option = {
  read: (text) => {
    const granularity = readGranularity(text);
    return granularity === null ? null : { granularity };
  },
  write: (spec) => ('granularity' in spec ? granularityText(spec.granularity) : ''),
};

const WHOLE: Option = {
  read: (text, spec) => (text.startsWith('block') ? null : GRANULARITY.read(text, spec)),
  write: GRANULARITY.write,
};

const RANGE: Option = {
  read: (text) => {
    const range = readRange(text);
    return range && { range };
  },
  write: (spec) => ('range' in spec ? rangeText(spec.range) : ''),
};

const SYMMETRY: Option = {
  read: (text) => (text === 'sym' || text === 'asym' ? { symmetric: text === 'sym' } : null),
  write: (spec) => (spec.family === 'affine' ? (spec.symmetric ? 'sym' : 'asym') : ''),
};

const BASE: Option = {
  read: (text) => (text === 'sqrt2' || text === 'base2' ? { base: text === 'sqrt2' ? 'sqrt2' : '2' } : null),
  write: (spec) => (spec.family === 'log' ? (spec.base === '2' ? 'base2' : 'sqrt2') : ''),
};

const UNIT: Option = {
  read: (text) => (text === 'unit' ? { unit: true } : null),
  write: (spec) => ('unit' in spec && spec.unit ? 'unit' : ''),
};

const SEED: Option = {
  read: (text) => {
    const digits = /^stochastic(\d{1,9})$/.exec(text)?.[1];
    return digits === undefined ? null : { seed: Number(digits) };
  },
  write: (spec) => (spec.family === 'binary' && spec.seed !== null ? `stochastic${spec.seed}` : ''),
};

const BLOCK: Option = {
  read: (text) => {
    const block = readGranularity(text);
    return typeof block === 'number' ? { block } : null;
  },
  write: (spec) => (spec.family === 'mx' ? granularityText(spec.block) : ''),
};

const PARTS: Option = {
  read: (text, spec) => {
    const parts = Number(/^parts([1-8])$/.exec(text)?.[1]);
    return spec.family === 'vector' && spec.dimension % parts === 0 ? { parts } : null;
  },
  write: (spec) => (spec.family === 'vector' ? `parts${spec.parts}` : ''),
};

/** Builds a spec from the numbers in a format's name; the regular expression lets only sound ones through. */
const GRAMMARS: readonly Grammar[] = [
  { format: /^float$/, make: () => ({ family: 'float' }), options: [] },
  {
    format: /^(u?)int([2-8]|16)$/,
    make: ([, unsigned, bits]) => ({
      family: 'affine',
      bits: Number(bits) as 8,
      signed: unsigned === '',
      symmetric: unsigned === '',
      granularity: 'channel',
      range: MINMAX,
    }),
    options: [SYMMETRY, GRANULARITY, RANGE],
  },
  {
    format: /^log([2-8])$/,
    make: ([, bits]) => ({
      family: 'log',
      bits: Number(bits) as 4,
      base: '2',
      granularity: 'channel',
      range: MINMAX,
    }),
    options: [BASE, GRANULARITY, RANGE],
  },
  {
    format: /^apot([3-8])$/,
    make: ([, bits]) => ({
      family: 'apot',
      bits: Number(bits) as 4,
      granularity: 'channel',
      range: MINMAX,
    }),
    options: [GRANULARITY, RANGE],
  },
  {
    format: /^(fp8e4m3|fp8e5m2|fp6e3m2|fp6e2m3|fp4)$/,
    make: ([, format]) => ({
      family: 'minifloat',
      format: format as MinifloatFormat,
      granularity: 'channel',
      range: MINMAX,
    }),
    options: [GRANULARITY, RANGE],
  },
  {
    format: /^(bf16|fp16)$/,
    make: ([, format]) => ({ family: 'half', format: format as 'bf16' | 'fp16' }),
    options: [],
  },
  {
    format: /^mx(fp8e4m3|fp8e5m2|fp6e3m2|fp6e2m3|fp4)$/,
    make: ([, format]) => ({ family: 'mx', format: format as MinifloatFormat, block: 32 }),
    options: [BLOCK],
  },
  {
    format: /^nf4$/,
    make: () => ({ family: 'nf4', granularity: 'channel', range: MINMAX }),
    options: [GRANULARITY, RANGE],
  },
  {
    format: /^binary$/,
    make: () => ({ family: 'binary', unit: false, seed: null, granularity: 'channel' }),
    options: [UNIT, SEED, GRANULARITY],
  },
  {
    format: /^ternary$/,
    make: () => ({ family: 'ternary', granularity: 'channel' }),
    options: [GRANULARITY],
  },
  {
    format: /^dorefa([1-8])$/,
    make: ([, bits]) => ({ family: 'dorefa', bits: Number(bits) as 4, unit: false }),
    options: [UNIT],
  },
  {
    format: /^codebook([1-8])$/,
    make: ([, bits]) => ({ family: 'codebook', bits: Number(bits) as 4, granularity: 'tensor' }),
    options: [WHOLE],
  },
  {
    format: /^vq([1-8])x([2-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-6])$/,
    make: ([, dimension, entries]) => ({
      family: 'vector',
      dimension: Number(dimension),
      entries: Number(entries),
      parts: 1,
    }),
    options: [PARTS],
  },
];

/** Reads a scheme's text; null if it is none. Options may come in any order, each once. */
export function parseScheme(text: string): SchemeSpec | null {
  const [format, ...words] = text.split('/');
  for (const grammar of GRAMMARS) {
    const match = grammar.format.exec(format!);
    if (match) return readOptions(grammar.make(match), grammar.options, words);
  }
  return null;
}

function readOptions(
  base: SchemeSpec,
  options: readonly Option[],
  words: readonly string[],
): SchemeSpec | null {
  let spec = base;
  const left = new Set(options);
  for (const word of words) {
    const option = [...left].find((candidate) => candidate.read(word, spec));
    if (!option) return null;
    left.delete(option);
    spec = { ...spec, ...option.read(word, spec) } as SchemeSpec;
  }
  return isSound(spec) ? spec : null;
}

/** What options rule out together. */
function isSound(spec: SchemeSpec): boolean {
  // The random rounding of BinaryConnect is between -1 and 1.
  if (spec.family === 'binary') return spec.seed === null || spec.unit;
  return true;
}

/** The canonical text: defaults are left out, options in a fixed order. */
export function formatScheme(spec: SchemeSpec): string {
  const format = formatName(spec);
  const grammar = GRAMMARS.find((candidate) => candidate.format.test(format))!;
  const defaults = grammar.make(grammar.format.exec(format)!);
  const words = grammar.options
    .map((option) => [option.write(spec), option.write(defaults)] as const)
    .filter(([word, usual]) => word !== usual)
    .map(([word]) => word);
  return [format, ...words].join('/');
}

/** The text before the first slash. */
function formatName(spec: SchemeSpec): string {
  switch (spec.family) {
    case 'float':
    case 'nf4':
    case 'binary':
    case 'ternary':
      return spec.family;
    case 'affine':
      return `${spec.signed ? 'int' : 'uint'}${spec.bits}`;
    case 'log':
    case 'apot':
    case 'dorefa':
    case 'codebook':
      return `${spec.family}${spec.bits}`;
    case 'minifloat':
    case 'half':
      return spec.format;
    case 'mx':
      return `mx${spec.format}`;
    case 'vector':
      return `vq${spec.dimension}x${spec.entries}`;
  }
}

function readGranularity(text: string): Granularity | null {
  if (text === 'tensor' || text === 'channel') return text;
  const size = Number(/^block([1-9]\d{1,2})$/.exec(text)?.[1]);
  return size >= MIN_BLOCK && size <= MAX_BLOCK ? size : null;
}

function granularityText(granularity: Granularity): string {
  return typeof granularity === 'number' ? `block${granularity}` : granularity;
}

function readRange(text: string): Range | null {
  if (text === 'minmax' || text === 'mse' || text === 'entropy') return { method: text };
  const percent = Number(/^p(\d{2,3}(?:\.\d{1,4})?)$/.exec(text)?.[1]);
  if (percent >= 50 && percent <= 100) return { method: 'percentile', percent };
  const [, first, second] = /^clip(\d(?:\.\d{1,4})?)(?::(\d(?:\.\d{1,4})?))?$/.exec(text) ?? [];
  if (first === undefined) return null;
  const [lower, upper] = [Number(first), Number(second ?? first)];
  return isShare(lower) && isShare(upper) ? { method: 'clip', lower, upper } : null;
}

function rangeText(range: Range): string {
  switch (range.method) {
    case 'percentile':
      return `p${decimal(range.percent)}`;
    case 'clip': {
      const [lower, upper] = [decimal(range.lower), decimal(range.upper)];
      return lower === upper ? `clip${upper}` : `clip${lower}:${upper}`;
    }
    default:
      return range.method;
  }
}

/** Four digits are finer than a mark can be dragged. */
function decimal(value: number): string {
  return String(Number(value.toFixed(4)));
}

/** Levels may also reach beyond the weights, up to twice as far. */
function isShare(value: number): boolean {
  return value > 0 && value <= 2;
}
