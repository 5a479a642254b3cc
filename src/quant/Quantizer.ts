import type { Groups } from './Groups';
import type { Minifloat } from '../core/scheme/Minifloat';

/**
 * A fitted quantizer: the numbers that a scheme chose for one tensor. The loops that apply it are in `src/kernel`.
 */
export type Quantizer =
  AffineQuantizer | LogQuantizer | BinaryQuantizer | FloatQuantizer | TableQuantizer | VectorQuantizer;

interface Common {
  readonly groups: Groups;
  /** Bits of a code. */
  readonly bits: number;
}

/** value = (code - zeroPoint) * scale; code = clamp(roundHalfEven(x / scale) + zeroPoint, qmin, qmax). */
export interface AffineQuantizer extends Common {
  readonly kind: 'affine';
  readonly qmin: number;
  readonly qmax: number;
  /** One per group; negative where the grid is turned round. */
  readonly scales: Float32Array;
  /** Null if zero has code zero everywhere. */
  readonly zeroPoints: Int32Array | null;
}

/** Zero and +-2^(e - j), j = 0 .. count - 1, with e per group. */
export interface LogQuantizer extends Common {
  readonly kind: 'log';
  readonly count: number;
  readonly exponents: Int32Array;
}

/** +-scale; with a seed by chance, the likelier the nearer (BinaryConnect, equation 2). */
export interface BinaryQuantizer extends Common {
  readonly kind: 'binary';
  readonly scales: Float32Array;
  readonly seed: number | null;
}

/** value = float * scale, where float is the number of the format nearest to x / scale, ties to even, saturating. */
export interface FloatQuantizer extends Common {
  readonly kind: 'float';
  readonly format: Minifloat;
  readonly scales: Float32Array;
  /** How a scale is stored: as float32, as an exponent of two in a byte (E8M0), or not at all as it is 1. */
  readonly scaleType: 'float32' | 'exponent' | 'none';
}

/**
 * value = entries[code] * scale, where code is the number of thresholds at or below x / scale.
 */
export interface TableQuantizer extends Common {
  readonly kind: 'table';
  /** [tables][count], ascending: one table for all groups or one for each. */
  readonly entries: Float32Array;
  /** [tables][count], ascending: where the next level begins; the last of a table is Infinity. */
  readonly thresholds: Float32Array;
  /** Levels in a table. */
  readonly count: number;
  /** One per group. */
  readonly scales: Float32Array;
  /** Parameters that are fitted to the weights, and so are stored with them: scales of fixed levels, or the levels themselves. */
  readonly fitted: 'scales' | 'entries';
}

/** Each vector of `dimension` neighbouring weights in row order is cut into `parts`, and each part is an entry of its codebook. */
export interface VectorQuantizer extends Common {
  readonly kind: 'vector';
  readonly dimension: number;
  readonly parts: number;
  readonly entries: number;
  /** [parts][entries][dimension / parts] */
  readonly codebooks: Float32Array;
}
