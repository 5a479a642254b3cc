import type { Tensor } from 'onnxruntime-node';

/** One sample: a value for each input of the model. */
export type Sample = ReadonlyMap<string, Tensor>;
