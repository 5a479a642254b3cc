import type { SampleNoise } from '../../quant/sensitivity/modelOutputError';
import { matchLayers, withLayerNames } from '../../onnx/read/layerIdentity';
import { RuntimeModel } from '../runtime/RuntimeModel';
import { LEAVE_ONE_OUT } from '../../core/measure/Measurement';
import { UserError } from '../../base/UserError';
import { calibrationSamples, type SampleList } from '../data/calibrationSamples';
import { readModel, type OpenModel } from '../models/OpenModels';
import { noiseOf, floatReferences, RUN_THREADS, type Reference } from './floatReferences';
import { leaveOneOutVariant, type VariantBase } from './leaveOneOutVariant';
import { NO_LAYER, type VariantNoise, type VariantJob, type VariantModel } from './VariantApi';
import type { Pause } from '../../base/pauses';

/**
 * Runs variants of a model that a recipe quantizes, in which one layer is left in float. Each is the whole model as an export writes it: what
 * is quantized around a layer, and which kernels run, depends on whether the layer is.
 */
export class RecipeRuns {
  private readonly model: OpenModel;
  /** As the recipe's weights and activations were quantized for. */
  private readonly prepared: OpenModel;
  private readonly samples: SampleList;

  /** @throws UserError if the model or the samples cannot be read */
  constructor(
    { path, calibration, shapes }: VariantModel,
    private readonly base: VariantBase,
  ) {
    this.model = readModel(path);
    const prepared = readModel(base.path);
    this.prepared = withLayerNames(prepared, matchLayers(this.model, prepared));
    this.samples = calibrationSamples(calibration, path, this.model.inspection.model.inputs, shapes).all;
  }

  /**
   * Leaves layers in float on some samples, one at a time, or none.
   * @param found gets each layer once, without differences if its variant does not run
   * @throws UserError if the float model does not run, or the recipe's with no layer left in float
   */
  async measure(
    { layers, samples }: VariantJob,
    pause: Pause,
    found: (differences: VariantNoise) => void,
  ): Promise<void> {
    const inputs = new Set(this.model.inspection.model.inputs.map(({ name }) => name));
    const sums = new Map(layers.map((layer) => [layer, [] as SampleNoise[]]));
    for await (const { chunk } of floatReferences(this.model, inputs, this.samples, samples, pause))
      for (const [layer, differences] of sums)
        try {
          differences.push(...(await this.run(layer, chunk, pause)));
        } catch (error) {
          if (layer === NO_LAYER || !(error instanceof UserError)) throw error;
          sums.delete(layer);
        }
    for (const layer of layers) {
      const differences = sums.get(layer);
      found({ layer, schemes: differences ? { [LEAVE_ONE_OUT]: differences } : {}, problem: null });
    }
  }

  private async run(layer: string, references: readonly Reference[], pause: Pause): Promise<SampleNoise[]> {
    const variant = leaveOneOutVariant(this.prepared, this.base, layer === NO_LAYER ? null : layer);
    const session = await RuntimeModel.load(variant, { threads: RUN_THREADS });
    try {
      const differences: SampleNoise[] = [];
      for (const reference of references) {
        await pause();
        differences.push(noiseOf(reference, await session.run(reference.values)));
      }
      return differences;
    } finally {
      await session.release();
    }
  }
}
