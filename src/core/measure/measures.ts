import type { SchemeId } from '../scheme/scheme';

/** Weight error of one layer under one scheme: the quantized weights against the float ones, no data involved. */
export interface WeightError {
  /** Mean squared error. */
  readonly mse: number;
  /** Signal to quantization noise ratio in dB; null if there is no error at all. */
  readonly sqnrDb: number | null;
  /** Cosine similarity, 1 for equal directions. */
  readonly cosine: number;
  /** Largest absolute error. */
  readonly maxAbs: number;
  /** Codes, scales, zero points and codebooks together, divided by the number of weights. */
  readonly bitsPerWeight: number;
  /** The same in whole bytes. */
  readonly bytes: number;
  /** What a perfect entropy coder would need per weight: the entropy of the codes, and all besides the codes as it is. */
  readonly entropyBits: number;
}

/** Layer output error: what an error of a layer's weights does to its own output, its inputs being those of the float model. */
export interface LayerOutputError {
  /** Null if there is no error at all. */
  readonly sqnrDb: number | null;
  /** Whether the inputs' correlations were known in full, and all inputs were finite; else the figure is an estimate. */
  readonly exact: boolean;
}

/**
 * In place of an SQNR that cannot be computed, as values are NaN or infinite. A number, as JSON has no infinity, and lower than any that is
 * measured.
 */
export const BROKEN_DB = -1000;

/** Model output error: what quantizing one layer alone does to the outputs of the model. */
export interface ModelOutputError {
  /** Of the output that suffers most; null if none has any error. */
  readonly sqnrDb: number | null;
  /** 95 % confidence interval of `sqnrDb`, by resampling the samples; null with fewer than two, or without error. */
  readonly interval: readonly [number, number] | null;
  /** Mean Kullback-Leibler divergence of outputs that are probabilities, in bits; null if none is. */
  readonly divergence: number | null;
  /** Share of rows whose largest output is the same; null if no output is made of rows of scores. */
  readonly agreement: number | null;
  /** Share of samples whose label is found; null without labels. */
  readonly accuracy: number | null;
  readonly samples: number;
}

/** What analysing one layer gives. */
export interface LayerAnalysis {
  readonly name: string;
  /** A small histogram of the weights between their least and greatest value. */
  readonly sparkline: readonly number[];
  readonly schemes: Readonly<Partial<Record<SchemeId, WeightError>>>;
  /** Why this layer cannot be quantized, in one sentence; null if it can. */
  readonly problem: string | null;
}

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
  /** One entry per output channel; an exact channel has Infinity. Empty for `float`. */
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

/** What theory allows for weights distributed like a layer's. */
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
