import { BLOCK } from '../options/granularity';
import {
  layoutControl,
  MINIFLOAT_NAMES,
  MINIFLOAT_TEXT,
  minifloatBits,
  nearestMinifloat,
  type MinifloatFormat,
} from './minifloat';
import type { SchemeFamily } from './SchemeFamily';

/** Small floats that share a power of two per block (OCP Microscaling 1.0). */
export interface MicroscalingSpec {
  readonly family: 'mx';
  readonly format: MinifloatFormat;
  /** Weights per block; 32 in the standard. */
  readonly block: number;
}

export const microscaling: SchemeFamily<MicroscalingSpec> = {
  formats: [
    {
      id: 'mx',
      label: 'Microscaling float',
      names: MINIFLOAT_NAMES.map((name) => `mx${name}`),
      description: 'small floats and a power of two per block',
      make: (name) => ({ family: 'mx', format: name.slice(2) as MinifloatFormat, block: 32 }),
      nearest: (bits) => `mx${nearestMinifloat(bits)}`,
    },
  ],
  options: [BLOCK],
  nameOf: ({ format }) => `mx${format}`,
  describe: ({ format, block }) =>
    `Microscaling: ${MINIFLOAT_TEXT[format]} numbers, a power of two per ${block} weights`,
  codeBits: minifloatBits,
  controls: ({ format }) => [layoutControl(format)],
  mark: 'float',
  about: 'small floats with a power of two per 32 weights (OCP Microscaling)',
  presets: { 'low-bit': ['mxfp4'], all: ['mxfp8e4m3', 'mxfp6e2m3', 'mxfp6e3m2', 'mxfp4'] },
};
