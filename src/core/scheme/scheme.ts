/** Schemes by their text. */
import type { SchemeSpec } from './SchemeSpec';
import { formatScheme, parseScheme } from './schemeSyntax';

/** The canonical text of a scheme, as `int8` or `int4/block32/mse`; see `schemeSyntax`. */
export type SchemeId = string;

/** Leave the weights as they are. */
export const FLOAT: SchemeId = 'float';

/** The canonical text of what a user wrote; null if it is no scheme. */
export function canonicalScheme(value: unknown): SchemeId | null {
  const spec = typeof value === 'string' ? parseScheme(value) : null;
  return spec && formatScheme(spec);
}

export function isSchemeId(value: unknown): value is SchemeId {
  return typeof value === 'string' && value === canonicalScheme(value);
}

/**
 * The spec of a scheme.
 * @throws Error if the text is no scheme's: identifiers are checked where they come in
 */
export function specOf(id: SchemeId): SchemeSpec {
  const spec = parseScheme(id);
  if (!spec) throw new Error(`"${id}" is no scheme.`);
  return spec;
}

/** Schemes that people mostly choose between, with the least error first. */
export const COMMON_SCHEMES: readonly SchemeId[] = [
  'int8',
  'int8/tensor',
  'uint8',
  'fp8e4m3',
  'int4',
  'int4/block32',
  'nf4/block32',
  'log4',
  'ternary',
  'binary',
];

/** Schemes of 4 bits and below. */
export const LOW_BIT_SCHEMES: readonly SchemeId[] = [
  'int4/mse',
  'int4/block32',
  'uint4/block32',
  'nf4/block32',
  'mxfp4',
  'codebook4/channel',
  'apot4',
  'log4',
  'int3/block32',
  'vq2x256',
  'uint2/block32',
  'vq4x256',
  'ternary',
  'binary',
];

/** One of each kind and size: what the bake-off compares. */
export const ALL_SCHEMES: readonly SchemeId[] = [
  'int16',
  'fp16',
  'bf16',
  'int8',
  'int8/tensor',
  'int8/mse',
  'int8/block32',
  'uint8',
  'fp8e4m3',
  'fp8e5m2',
  'mxfp8e4m3',
  'log8/sqrt2',
  'dorefa8',
  'codebook8',
  'int6',
  'apot6',
  'mxfp6e2m3',
  'mxfp6e3m2',
  'int5',
  'log5/sqrt2',
  'int4',
  'int4/tensor',
  'int4/mse',
  'int4/entropy',
  'int4/p99.9',
  'int4/block32',
  'int4/block128',
  'uint4',
  'uint4/block32',
  'nf4',
  'nf4/block32',
  'fp4/block32',
  'mxfp4',
  'apot4',
  'log4',
  'dorefa4',
  'codebook4',
  'codebook4/channel',
  'vq2x256',
  'int3/block32',
  'codebook3/channel',
  'log3',
  'vq4x256/parts2',
  'uint2/block32',
  'codebook2/channel',
  'vq4x256',
  'ternary',
  'binary',
  'binary/block32',
  'binary/unit',
  'binary/unit/stochastic1',
  'vq8x256',
];

/** Those whose fitting takes seconds rather than milliseconds on a large layer. */
export function isSlow(id: SchemeId): boolean {
  return specOf(id).family === 'vector';
}
