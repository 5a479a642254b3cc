/**
 * How a weight is quantized, spelled out. Recipes, command line and protocol carry the same as a short text, see
 * `schemeSyntax`.
 */
export type SchemeSpec =
  | FloatSpec
  | AffineSpec
  | LogSpec
  | AdditivePowersSpec
  | MinifloatSpec
  | HalfSpec
  | MicroscalingSpec
  | NormalFloatSpec
  | BinarySpec
  | TernarySpec
  | DorefaSpec
  | CodebookSpec
  | VectorSpec;

export type Family = SchemeSpec['family'];

/** What has numbers (scale, zero point) of its own: the tensor, each output channel, or so many weights of a channel. */
export type Granularity = 'tensor' | 'channel' | number;

/**
 * How the range that the levels cover is found, in each group by itself.
 * `clip` takes these shares of the group's least and greatest weight; symmetric grids use `upper` alone.
 */
export type Range =
  | { readonly method: 'minmax' }
  | { readonly method: 'mse' }
  | { readonly method: 'entropy' }
  | { readonly method: 'percentile'; readonly percent: number }
  | { readonly method: 'clip'; readonly lower: number; readonly upper: number };

export type RangeMethod = Range['method'];

/** The weights as they are. */
export interface FloatSpec {
  readonly family: 'float';
}

/** Evenly spaced levels around an integer zero point (Jacob et al. 2017, section 2.1); a symmetric grid has it in the middle. */
export interface AffineSpec {
  readonly family: 'affine';
  readonly bits: 2 | 3 | 4 | 5 | 6 | 7 | 8 | 16;
  readonly signed: boolean;
  readonly symmetric: boolean;
  readonly granularity: Granularity;
  readonly range: Range;
}

/** Sign, zero and powers of 2 or of its square root (Miyashita et al. 2016). */
export interface LogSpec {
  readonly family: 'log';
  readonly bits: 2 | 3 | 4 | 5 | 6 | 7 | 8;
  readonly base: '2' | 'sqrt2';
  readonly granularity: Granularity;
  readonly range: Range;
}

/** Sums of powers of two (Li et al. 2020, APoT). */
export interface AdditivePowersSpec {
  readonly family: 'apot';
  readonly bits: 3 | 4 | 5 | 6 | 7 | 8;
  readonly granularity: Granularity;
  readonly range: Range;
}

export type MinifloatFormat = 'fp8e4m3' | 'fp8e5m2' | 'fp6e3m2' | 'fp6e2m3' | 'fp4';

/** Floating-point numbers of 4 to 8 bits, times a float32 scale. */
export interface MinifloatSpec {
  readonly family: 'minifloat';
  readonly format: MinifloatFormat;
  readonly granularity: Granularity;
  readonly range: Range;
}

/** bfloat16 or IEEE binary16, without a scale. */
export interface HalfSpec {
  readonly family: 'half';
  readonly format: 'bf16' | 'fp16';
}

/** Small floats that share a power of two per block (OCP Microscaling 1.0). */
export interface MicroscalingSpec {
  readonly family: 'mx';
  readonly format: MinifloatFormat;
  /** Weights per block; 32 in the standard. */
  readonly block: number;
}

/** Quantiles of a normal distribution (Dettmers et al. 2023, QLoRA). */
export interface NormalFloatSpec {
  readonly family: 'nf4';
  readonly granularity: Granularity;
  readonly range: Range;
}

/** The sign, times a scale (Rastegari et al. 2016) or plainly +-1 (Courbariaux et al. 2015). */
export interface BinarySpec {
  readonly family: 'binary';
  /** Levels +-1 as BinaryConnect has them, rather than the scale of least error. */
  readonly unit: boolean;
  /** Seed of the random rounding (BinaryConnect, equation 2); null for the sign itself. */
  readonly seed: number | null;
  readonly granularity: 'tensor' | 'channel' | number;
}

/** Minus, zero, plus (Li et al. 2016, Ternary Weight Networks). */
export interface TernarySpec {
  readonly family: 'ternary';
  readonly granularity: Granularity;
}

/** Evenly spaced after a tanh (Zhou et al. 2016, equation 9). */
export interface DorefaSpec {
  readonly family: 'dorefa';
  readonly bits: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  /** Levels from -1 to 1 as in the paper, rather than scaled to the least error. */
  readonly unit: boolean;
}

/** The levels of least squared error for these very weights. */
export interface CodebookSpec {
  readonly family: 'codebook';
  readonly bits: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
  readonly granularity: 'tensor' | 'channel';
}

/** Vectors of neighbouring weights from a codebook (Linde, Buzo, Gray 1980); with several parts, a product codebook. */
export interface VectorSpec {
  readonly family: 'vector';
  /** Weights in a vector, 1 to 8. */
  readonly dimension: number;
  /** Entries of each part's codebook, 2 to 256. */
  readonly entries: number;
  /** Parts that a vector is cut into, each with a codebook of its own; divides the dimension. */
  readonly parts: number;
}

export const MINMAX: Range = { method: 'minmax' };

/** Block sizes that schemes may have. */
export const MIN_BLOCK = 16;
export const MAX_BLOCK = 256;
