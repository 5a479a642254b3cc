import type { QuantizingSchemeId } from './scheme';

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
  /** Codes, scales and zero points together, divided by the number of weights. */
  readonly bitsPerWeight: number;
  /** The same in whole bytes. */
  readonly bytes: number;
}

/** What analysing one layer gives. */
export interface LayerAnalysis {
  readonly name: string;
  /** A small histogram of the weights between their least and greatest value. */
  readonly sparkline: readonly number[];
  readonly schemes: Readonly<Partial<Record<QuantizingSchemeId, WeightError>>>;
  /** Why this layer cannot be quantized, in one sentence; null if it can. */
  readonly problem: string | null;
}

/** Everything the layer view draws for one layer under one scheme. */
export interface LayerView {
  readonly name: string;
  readonly scheme: string;
  /** The channel that histogram and levels are of; null for the whole layer. */
  readonly channel: number | null;
  readonly histogram: { readonly lo: number; readonly hi: number; readonly counts: Uint32Array };
  /** The values that codes stand for, ascending, without duplicates; empty for `float`. Thinned to 4,096. */
  readonly levels: Float32Array;
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
  /** Per output channel, or one for the tensor; empty for `float`. */
  readonly scales: Float32Array;
  readonly zeroPoints: Int32Array | null;
  readonly error: WeightError | null;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}
