import { MomentsKernel } from '../../moments/MomentsKernel';
import type { RoundingLoops } from '../../../quant/rounding/RoundingLoops';
import { RoundingKernel } from '../../weights/RoundingKernel';
import type { WeightKernel } from '../../weights/WeightKernel';

/** Memories for a weight, for the moments that its codes are chosen by, and for those that judge them. */
export interface RoundingKernels {
  readonly weights: WeightKernel;
  readonly fitted: MomentsKernel;
  readonly judged: MomentsKernel;
  readonly loops: RoundingLoops;
}

export async function roundingKernels(weights: WeightKernel): Promise<RoundingKernels> {
  const { loadKernel } = weights;
  return {
    weights,
    fitted: await MomentsKernel.create(loadKernel),
    judged: await MomentsKernel.create(loadKernel),
    loops: await RoundingKernel.create(loadKernel),
  };
}
