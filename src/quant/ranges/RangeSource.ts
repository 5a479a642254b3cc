import type { WeightSource } from '../WeightSource';

/** What finding a range may ask: of weights, or of activations that were observed. */
export type RangeSource = Pick<WeightSource, 'stats' | 'noise' | 'histogram' | 'eachGroup'>;
