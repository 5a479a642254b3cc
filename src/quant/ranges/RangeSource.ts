import type { WeightSource } from '../WeightSource';

/** The questions that a search for a range asks: of weights, or of observed activations. */
export type RangeSource = Pick<WeightSource, 'stats' | 'noise' | 'histogram' | 'eachGroup'>;
