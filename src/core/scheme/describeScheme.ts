/** Schemes in words. */
import { specOf, type SchemeId } from './scheme';
import type { Granularity, Range, SchemeSpec } from './SchemeSpec';

/** What a person reads about a scheme: one or two sentences. */
export function describeScheme(id: SchemeId): string {
  const spec = specOf(id);
  const details = [
    'granularity' in spec ? scaleText(spec.granularity, spec) : '',
    'range' in spec ? rangeText(spec.range) : '',
  ].filter((detail) => detail !== '');
  return `${[kindText(spec), ...details].join(', ')}.`;
}

function kindText(spec: SchemeSpec): string {
  switch (spec.family) {
    case 'float':
      return 'Leave the weights as they are';
    case 'affine': {
      const kind = spec.symmetric ? 'symmetric' : 'asymmetric';
      return `${spec.bits}-bit ${spec.signed ? 'integers' : 'unsigned integers'}, ${kind}`;
    }
    case 'log':
      return `${spec.bits} bits: sign, zero and powers of ${spec.base === '2' ? 'two' : 'the square root of two'}`;
    case 'apot':
      return `${spec.bits} bits: sign and sums of powers of two (APoT)`;
    case 'minifloat':
      return `${MINIFLOAT_TEXT[spec.format]} numbers`;
    case 'half':
      return spec.format === 'bf16' ? 'bfloat16: 8 exponent and 7 mantissa bits' : 'IEEE half precision';
    case 'mx':
      return `Microscaling: ${MINIFLOAT_TEXT[spec.format]} numbers, a power of two per ${spec.block} weights`;
    case 'nf4':
      return '4 bits: quantiles of a normal distribution (NF4)';
    case 'binary':
      return binaryText(spec);
    case 'ternary':
      return 'Minus, zero or plus (TWN)';
    case 'dorefa':
      return `${spec.bits} ${spec.bits === 1 ? 'bit' : 'bits'} after a tanh (DoReFa-Net)${spec.unit ? ', levels from -1 to 1' : ''}`;
    case 'codebook':
      return `The ${2 ** spec.bits} levels of least squared error (Lloyd-Max), a codebook per ${spec.granularity}`;
    case 'vector':
      return vectorText(spec);
  }
}

const MINIFLOAT_TEXT = {
  fp8e4m3: 'FP8 E4M3FN',
  fp8e5m2: 'FP8 E5M2',
  fp6e3m2: 'FP6 E3M2',
  fp6e2m3: 'FP6 E2M3',
  fp4: 'FP4 E2M1',
} as const;

function binaryText({ unit, seed }: Extract<SchemeSpec, { family: 'binary' }>): string {
  if (seed !== null) return `1 bit: -1 or 1 at random, seed ${seed} (BinaryConnect)`;
  return unit ? '1 bit: -1 or 1 (BinaryConnect)' : '1 bit: the sign, times the mean magnitude (XNOR-Net)';
}

function vectorText({ dimension, entries, parts }: Extract<SchemeSpec, { family: 'vector' }>): string {
  const books = parts === 1 ? `a codebook of ${entries}` : `a product of ${parts} codebooks of ${entries}`;
  return `${dimension} weights at a time from ${books} (LBG)`;
}

function scaleText(granularity: Granularity, spec: SchemeSpec): string {
  if (spec.family === 'codebook' || (spec.family === 'binary' && spec.unit)) return '';
  const numbers = spec.family === 'affine' && !spec.symmetric ? 'scale and zero point' : 'one scale';
  if (granularity === 'tensor') return `${numbers} for the whole tensor`;
  return granularity === 'channel'
    ? `${numbers} per output channel`
    : `${numbers} per ${granularity} weights of a channel`;
}

function rangeText(range: Range): string {
  switch (range.method) {
    case 'minmax':
      return '';
    case 'mse':
      return 'range of least squared error';
    case 'entropy':
      return 'range of least KL divergence';
    case 'percentile':
      return `range that holds ${range.percent} % of the weights`;
    case 'clip':
      return range.lower === range.upper
        ? `range clipped to ${percent(range.upper)} of the largest weight`
        : `range clipped to ${percent(range.lower)} of the least and ${percent(range.upper)} of the greatest weight`;
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
