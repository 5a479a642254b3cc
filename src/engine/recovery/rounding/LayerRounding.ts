import { compareDb } from '../../../core/measure/Decibels';
import type { LayerOutputError } from '../../../core/measure/errors';
import type { SchemeId } from '../../../core/scheme/scheme';
import type { Pause } from '../../../base/pauses';
import type { MomentsState } from '../../../quant/moments/InputMoments';
import { LayerOutput, type OutputShape } from '../../../quant/moments/LayerOutput';
import type { Moments } from '../../../quant/moments/outputError';
import type { Quantizer } from '../../../quant/Quantizer';
import { roundingProblem } from '../../../quant/rounding/Grid';
import { factorMoments, type MomentsFactor } from '../../../quant/rounding/MomentsFactor';
import { roundByMoments } from '../../../quant/rounding/roundByMoments';
import { vectorRun } from '../../../quant/rounding/roundVectors';
import { fitQuantizer } from '../../../quant/schemes/fitQuantizer';
import { quantizingSpec } from '../../weights/measureScheme';
import { quantizationErrors, weightRows } from '../../weights/weightRows';
import type { WeightPasses } from '../../weights/WeightPasses';
import type { RoundingKernels } from './RoundingKernels';

/** What rounding goes by, beside the weight itself. It can be sent to another thread. */
export interface RoundingInputs extends OutputShape {
  /** Second moments of what the layer reads: codes are chosen by these. */
  readonly fitted: MomentsState;
  /** The same on other samples, on which the chosen codes are compared with the nearest ones. */
  readonly judged: MomentsState;
}

/** A weight with the better of its nearest codes and those that are chosen for the layer's output. */
export interface RoundedWeight {
  readonly quantizer: Quantizer;
  /** Row after row, each a level of its group. */
  readonly values: Float32Array;
  /** On the samples that judge. */
  readonly error: LayerOutputError;
  /** Why the nearest codes stay, as the end of a sentence; null where chosen ones are better. */
  readonly reason: string | null;
}

const NO_BETTER = 'its output is no better for it on samples that judge';

/** Rounds one layer's weight by second moments under any schemes, which share all that takes long to prepare. */
export class LayerRounding {
  private readonly weights: Float32Array;
  private readonly moments: Moments;
  private readonly output: LayerOutput;
  /** By how many inputs stay together. */
  private readonly factors = new Map<number, MomentsFactor>();

  /**
   * @param kernels hold the moments as long as this is used
   * @throws UserError if moments and weight do not fit
   */
  constructor(
    private readonly kernels: RoundingKernels,
    private readonly passes: WeightPasses,
    private readonly inputs: RoundingInputs,
  ) {
    this.weights = weightRows(kernels.weights, passes);
    this.moments = kernels.fitted.hold(inputs.fitted);
    this.output = new LayerOutput(this.weights, kernels.judged.hold(inputs.judged), inputs);
  }

  async round(scheme: SchemeId, pause: Pause): Promise<RoundedWeight> {
    const { weights, moments, passes, output } = this;
    const { taps } = this.inputs;
    const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
    const errors = quantizationErrors(this.kernels.weights, passes, quantizer);
    const nearest = weights.map((weight, i) => weight + errors[i]!);
    const before = output.error(errors);
    const stays = (reason: string) => ({ quantizer, values: nearest, error: before, reason });
    const problem = roundingProblem(quantizer);
    if (problem !== null) return stays(problem);
    const factor = this.factorFor(quantizer);
    const { values } = await roundByMoments({ weights, nearest, quantizer, moments, factor, taps }, pause);
    const error = output.error(values.map((value, i) => value - weights[i]!));
    return compareDb(error.sqnrDb, before.sqnrDb) > 0
      ? { quantizer, values, error, reason: null }
      : stays(NO_BETTER);
  }

  private factorFor(quantizer: Quantizer): MomentsFactor {
    const { fitted, taps } = this.inputs;
    const run = quantizer.kind === 'vector' ? vectorRun(quantizer, fitted.block, taps) : 1;
    let factor = this.factors.get(run);
    if (!factor) this.factors.set(run, (factor = factorMoments(fitted, { run }, this.kernels.loops)));
    return factor;
  }
}
