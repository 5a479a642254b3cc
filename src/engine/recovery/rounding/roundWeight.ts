import { compareDb, type Decibels } from '../../../core/measure/Decibels';
import type { SchemeId } from '../../../core/scheme/scheme';
import type { Pause } from '../../../base/pauses';
import type { MomentsState } from '../../../quant/moments/InputMoments';
import { LayerOutput, type OutputShape } from '../../../quant/moments/LayerOutput';
import type { Quantizer } from '../../../quant/Quantizer';
import { roundingProblem } from '../../../quant/rounding/Grid';
import { factorMoments } from '../../../quant/rounding/MomentsFactor';
import { roundByMoments } from '../../../quant/rounding/roundByMoments';
import { vectorRun } from '../../../quant/rounding/roundVectors';
import { fitQuantizer } from '../../../quant/schemes/fitQuantizer';
import { quantizingSpec } from '../../weights/measureScheme';
import { quantizationErrors, weightRows } from '../../weights/weightRows';
import type { WeightPasses } from '../../weights/WeightPasses';
import type { RoundingKernels } from './RoundingKernels';

/** What rounding goes by, beside the weight itself. */
export interface RoundingTask extends OutputShape {
  readonly scheme: SchemeId;
  /** Of what the layer reads: codes are chosen by these. */
  readonly fitted: MomentsState;
  /** The same on other samples, on which the chosen codes are compared with the nearest ones. */
  readonly judged: MomentsState;
}

/** A weight whose codes are chosen for the layer's output. */
export interface RoundedWeight {
  readonly quantizer: Quantizer;
  /** Row after row, each a level of its group. */
  readonly values: Float32Array;
  /** Layer output error on the judged samples, rounded to nearest and as chosen. */
  readonly nearest: Decibels;
  readonly chosen: Decibels;
}

/**
 * Rounds a weight by the second moments of what its layer reads.
 * @returns or why the nearest levels stay, as the end of a sentence
 */
export async function roundWeight(
  kernels: RoundingKernels,
  passes: WeightPasses,
  { scheme, fitted, judged, ...shape }: RoundingTask,
  pause: Pause,
): Promise<RoundedWeight | string> {
  const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
  const problem = roundingProblem(quantizer);
  if (problem !== null) return problem;
  const weights = weightRows(kernels.weights, passes);
  const errors = quantizationErrors(kernels.weights, passes, quantizer);
  const run = quantizer.kind === 'vector' ? vectorRun(quantizer, fitted.block, shape.taps) : 1;
  const { values } = await roundByMoments(
    {
      weights,
      nearest: sum(weights, errors, 1),
      quantizer,
      moments: kernels.fitted.hold(fitted),
      factor: factorMoments(fitted, { run }),
      taps: shape.taps,
    },
    pause,
  );
  const output = new LayerOutput(weights, kernels.judged.hold(judged), shape);
  const nearest = output.error(errors).sqnrDb;
  const chosen = output.error(sum(values, weights, -1)).sqnrDb;
  if (compareDb(chosen, nearest) <= 0) return 'its output is no better for it on samples that judge';
  return { quantizer, values, nearest, chosen };
}

/** a + factor * b, element by element. */
function sum(a: Float32Array, b: Float32Array, factor: 1 | -1): Float32Array {
  return a.map((value, i) => value + factor * b[i]!);
}
