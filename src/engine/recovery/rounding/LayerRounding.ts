import { compareDb, decibels, type Decibels } from '../../../core/measure/Decibels';
import type { LayerOutputError } from '../../../core/measure/errors';
import type { SchemeId } from '../../../core/scheme/scheme';
import type { Pause } from '../../../base/pauses';
import { LayerOutput } from '../../../quant/moments/LayerOutput';
import type { Moments } from '../../../quant/moments/outputError';
import type { Quantizer } from '../../../quant/Quantizer';
import { roundingProblem } from '../../../quant/rounding/Grid';
import { factorMoments, type MomentsFactor } from '../../../quant/rounding/MomentsFactor';
import type { RoundingInputs } from '../../../quant/rounding/RoundingInputs';
import { roundByMoments } from '../../../quant/rounding/roundByMoments';
import { vectorRun } from '../../../quant/rounding/roundVectors';
import { fitQuantizer } from '../../../quant/schemes/fitQuantizer';
import { quantizingSpec } from '../../weights/measureScheme';
import { quantizationErrors, weightRows } from '../../weights/weightRows';
import type { WeightPasses } from '../../weights/WeightPasses';
import type { RoundingKernels } from './RoundingKernels';

/** A weight with the better of its nearest codes and those that are chosen for the layer's output. */
export interface RoundedWeight extends Rounded {
  readonly quantizer: Quantizer;
  /** Why the nearest codes stay, as the end of a sentence; null where chosen ones are better. */
  readonly reason: string | null;
}

/** Values row after row, each a level of its group, and what the layer's output is for them on the samples that judge. */
interface Rounded {
  readonly values: Float32Array;
  readonly error: LayerOutputError;
}

/** A weight rounded to nearest and by moments. */
export interface BothWays {
  readonly quantizer: Quantizer;
  readonly nearest: Rounded;
  /** Or why the nearest values are all that there is, as the end of a sentence. */
  readonly chosen: Rounded | string;
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
    const { quantizer, nearest, chosen } = await this.bothWays(scheme, pause);
    const stays = (reason: string) => ({ quantizer, ...nearest, reason });
    if (typeof chosen === 'string') return stays(chosen);
    return compareDb(chosen.error.sqnrDb, nearest.error.sqnrDb) > 0
      ? { quantizer, ...chosen, reason: null }
      : stays(NO_BETTER);
  }

  /** The weight rounded to nearest and by moments, whichever is better. */
  async bothWays(scheme: SchemeId, pause: Pause): Promise<BothWays> {
    const { weights, moments, passes, output } = this;
    const { taps } = this.inputs;
    const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
    const errors = quantizationErrors(this.kernels.weights, passes, quantizer);
    const values = weights.map((weight, i) => weight + errors[i]!);
    const nearest = { values, error: output.error(errors) };
    const problem = roundingProblem(quantizer);
    if (problem !== null) return { quantizer, nearest, chosen: problem };
    const factor = this.factorFor(quantizer);
    const task = { weights, nearest: values, quantizer, moments, factor, taps };
    const rounded = await roundByMoments(task, pause);
    const chosen = { values: rounded.values, error: output.error(this.errorsOf(rounded.values)) };
    return { quantizer, nearest, chosen };
  }

  /** SQNR of each output channel on the samples that judge, see `toNumber`, and that of the weight. */
  figures(values: Float32Array): { readonly channelSqnrDb: Float32Array; readonly weightSqnrDb: Decibels } {
    const errors = this.errorsOf(values);
    return {
      channelSqnrDb: this.output.channelSqnrDb(errors),
      weightSqnrDb: decibels(squares(this.weights), squares(errors), 'exact'),
    };
  }

  private errorsOf(values: Float32Array): Float32Array {
    return values.map((value, i) => value - this.weights[i]!);
  }

  private factorFor(quantizer: Quantizer): MomentsFactor {
    const { fitted, taps } = this.inputs;
    const run = quantizer.kind === 'vector' ? vectorRun(quantizer, fitted.block, taps) : 1;
    let factor = this.factors.get(run);
    if (!factor) this.factors.set(run, (factor = factorMoments(fitted, { run }, this.kernels.loops)));
    return factor;
  }
}

function squares(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
