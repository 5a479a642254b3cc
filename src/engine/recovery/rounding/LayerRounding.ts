import { compareDb, decibels, type Decibels } from '../../../core/measure/Decibels';
import type { LayerOutputError } from '../../../core/measure/errors';
import type { SchemeId } from '../../../core/scheme/scheme';
import type { Pause } from '../../../base/pauses';
import type { CrossMoments } from '../../../quant/moments/CrossMoments';
import { LayerOutput } from '../../../quant/moments/LayerOutput';
import type { Moments } from '../../../quant/moments/outputError';
import type { Quantizer } from '../../../quant/Quantizer';
import { roundingProblem } from '../../../quant/rounding/Grid';
import { factorMoments, type MomentsFactor } from '../../../quant/rounding/MomentsFactor';
import type { RoundingInputs } from '../../../quant/rounding/RoundingInputs';
import { mismatchTarget } from '../../../quant/rounding/mismatchTarget';
import { roundWithScales } from '../../../quant/rounding/roundWithScales';
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
  readonly chosen: (Rounded & { readonly quantizer: Quantizer }) | string;
}

export interface RoundingOptions {
  /**
   * Of what the layer reads in the float model with what the moments are of, for outputs as those of the float model; null where that is the
   * same.
   */
  readonly mismatch?: CrossMoments | null;
  /** Whether scales are chosen with the codes, in a dozen times the time. */
  readonly scales?: boolean;
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

  /** @param options see `bothWays` */
  async round(scheme: SchemeId, pause: Pause, options: RoundingOptions = {}): Promise<RoundedWeight> {
    const { quantizer, nearest, chosen } = await this.bothWays(scheme, pause, options);
    const stays = (reason: string) => ({ quantizer, ...nearest, reason });
    if (typeof chosen === 'string') return stays(chosen);
    return compareDb(chosen.error.sqnrDb, nearest.error.sqnrDb) > 0
      ? { ...chosen, reason: null }
      : stays(NO_BETTER);
  }

  /** The weight rounded to nearest and by moments, whichever is better. */
  async bothWays(
    scheme: SchemeId,
    pause: Pause,
    { mismatch = null, scales = false }: RoundingOptions = {},
  ): Promise<BothWays> {
    const { weights, moments, passes, output, kernels } = this;
    const { taps } = this.inputs;
    const quantizer = await fitQuantizer(quantizingSpec(scheme), passes, pause);
    const errors = quantizationErrors(kernels.weights, passes, quantizer);
    const values = weights.map((weight, i) => weight + errors[i]!);
    const problem = roundingProblem(quantizer);
    if (problem !== null)
      return { quantizer, nearest: { values, error: output.error(errors) }, chosen: problem };
    const factor = this.factorFor(quantizer);
    const { rows, cols } = quantizer.groups;
    const target = mismatch ? mismatchTarget({ weights, rows, cols, taps }, mismatch, factor) : weights;
    const errorOf = (found: Float32Array) => output.error(found.map((value, i) => value - target[i]!));
    const task = { weights, nearest: values, quantizer, moments, factor, taps, target };
    const rounded =
      scales && quantizer.kind !== 'vector'
        ? await roundWithScales({ ...task, quantizer }, pause, kernels.loops)
        : { quantizer, ...(await roundByMoments(task, pause, kernels.loops)) };
    return {
      quantizer,
      nearest: { values, error: errorOf(values) },
      chosen: { quantizer: rounded.quantizer, values: rounded.values, error: errorOf(rounded.values) },
    };
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
