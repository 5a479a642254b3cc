import type { WeightError } from './errors';
import type { SchemeId } from '../scheme/scheme';

/** Everything the layer view draws for one layer under one scheme. */
export interface LayerView {
  readonly name: string;
  readonly scheme: SchemeId;
  /** The channel that histogram and levels are of; null for the whole layer. */
  readonly channel: number | null;
  readonly histogram: { readonly lo: number; readonly hi: number; readonly counts: Uint32Array };
  /** The values that codes stand for, ascending, without duplicates; empty for `float`. Thinned to 4,096. */
  readonly levels: Float32Array;
  /**
   * The lowest and highest level of the channel, or of all, beside the least and greatest weight, where the scheme lets its range be clipped; else
   * null. A range of lower / least and upper / greatest, see `Range`, puts the levels' ends at lower and upper.
   */
  readonly clip: {
    readonly lower: number;
    readonly upper: number;
    readonly least: number;
    readonly greatest: number;
  } | null;
  /** Pairs of weights and the codebook, for a vector quantizer of two dimensions; else null. */
  readonly vectors: {
    /** [n][2], a sample of all, evenly spread. */
    readonly pairs: Float32Array;
    /** [entries][2] */
    readonly codebook: Float32Array;
  } | null;
  /** How many weights lie outside their channel's lowest and highest level. */
  readonly clipped: number;
  /** Largest absolute error in each tile of the weight matrix (output channels x weights of a channel). */
  readonly errorMap: {
    readonly rows: number;
    readonly columns: number;
    readonly values: Float32Array;
    readonly matrixRows: number;
    readonly matrixColumns: number;
  };
  /** One entry per output channel, see `toNumber`. Empty for `float`. */
  readonly channelSqnrDb: Float32Array;
  /** One for the tensor, per output channel or per block; empty where there are none. Thinned to 4,096. */
  readonly scales: Float32Array;
  readonly zeroPoints: Int32Array | null;
  readonly error: WeightError | null;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** A point of a curve of distortion against rate. */
export interface RatePoint {
  readonly bits: number;
  readonly sqnrDb: number;
}

/** Bounds of rate-distortion theory for weights distributed like a layer's. */
export interface RateTheory {
  /**
   * The generalized Gaussian that fits the layer's weights, each channel divided by its deviation: 1 is Laplacian, 2 is Gaussian.
   */
  readonly shape: number;
  /** Shannon's lower bound on the distortion, with the channels' deviations known. */
  readonly shannon: readonly RatePoint[];
  /** The best scalar quantizer with 2^bits levels per channel. */
  readonly lloydMax: readonly RatePoint[];
}
