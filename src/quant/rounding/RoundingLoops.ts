import { factorize } from './factorize';
import { nearestPlane } from './nearestPlane';
import type { Panel } from './Panel';

/** The loops that rounding spends its time in, by whatever means; all give the same bits. */
export interface RoundingLoops {
  /** See `factorize`. */
  factorize(matrix: Float64Array, count: number): boolean;
  /** See `nearestPlane`. */
  nearestPlane(panel: Panel): void;
}

export const plainLoops: RoundingLoops = { factorize, nearestPlane };
