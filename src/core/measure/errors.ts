/** Errors of one layer, at each of the three levels. */
import type { Decibels } from './Decibels';

/** Weight error of one layer under one scheme: the quantized weights against the float ones, no data involved. */
export interface WeightError {
  /** Mean squared error. */
  readonly mse: number;
  /** Exact where no weight differs. */
  readonly sqnrDb: Decibels;
  /** Cosine similarity, 1 for equal directions. */
  readonly cosine: number;
  /** Largest absolute error. */
  readonly maxAbs: number;
  /** Codes, scales, zero points and codebooks together, divided by the number of weights. */
  readonly bitsPerWeight: number;
  /** The same in whole bytes. */
  readonly bytes: number;
  /** Bits per weight of a perfect entropy coder: the entropy of the codes, and all besides the codes as it is. */
  readonly entropyBits: number;
}

/** Layer output error: effect of a layer's weight error on its own output, its inputs being those of the float model. */
export interface LayerOutputError {
  /** Exact where no weight differs. */
  readonly sqnrDb: Decibels;
  /** Whether the inputs' correlations were gathered in full, and all inputs were finite; else the figure is an estimate. */
  readonly exact: boolean;
}

/** Model output error: effect of one variant on the outputs of the model. */
export interface ModelOutputError {
  /** Of the output that suffers most. */
  readonly sqnrDb: Decibels;
  /** 95 % confidence interval of `sqnrDb`, by resampling the samples; null with fewer than two, or where an end is not finite. */
  readonly interval: readonly [number, number] | null;
  /** Mean Kullback-Leibler divergence of outputs that are probabilities, in bits; null if none is. */
  readonly klDivergence: number | null;
  /** Share of rows whose largest output is the same; null if no output is made of rows of scores. */
  readonly top1Agreement: number | null;
  /** Share of samples whose label is found; null without labels. */
  readonly accuracy: number | null;
  readonly samples: number;
  /** Of all outputs on all samples, those that were not compared: empty, or of another size than the float model's. Absent if all were. */
  readonly notCompared?: number;
}
