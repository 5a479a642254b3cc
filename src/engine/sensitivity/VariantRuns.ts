import { quoted } from '../../base/quoted';
import type { Tensor } from 'onnxruntime-node';
import { elementTypeName } from '../../onnx/file/elementTypes';
import { buildPart, type PartModel } from '../../onnx/subgraph/buildPart';
import { planPart, type PartPlan } from '../../onnx/subgraph/planPart';
import { layerInputs } from '../../onnx/subgraph/layerInputs';
import type { SampleNoise } from '../../quant/sensitivity/modelOutputError';
import { quantizedActivation } from '../../quant/activations/fitActivation';
import type { AffineQuantizer } from '../../quant/Quantizer';
import { RuntimeModel, toTensor } from '../runtime/RuntimeModel';
import { ACTIVATIONS, repairedScheme, type Variant } from '../../core/measure/Measurement';
import type { RoundingInputs } from '../../quant/rounding/RoundingInputs';
import { LayerRounding } from '../recovery/rounding/LayerRounding';
import { roundingKernels, type RoundingKernels } from '../recovery/rounding/RoundingKernels';
import { UserError } from '../../base/UserError';
import { calibrationSamples, type SampleList } from '../data/calibrationSamples';
import { openWeight } from '../weights/openWeight';
import type { WeightPasses } from '../weights/WeightPasses';
import { readModel, weightOf, type OpenModel } from '../models/OpenModels';
import type { WeightKernel } from '../weights/WeightKernel';
import { noiseOf, floatReferences, RUN_THREADS, type Reference } from './floatReferences';
import { floatValues, inTensorOrder, quantizedValues } from '../weights/quantizedValues';
import type { VariantNoise, VariantJob, VariantModel } from './VariantApi';
import type { Pause } from '../../base/pauses';

/** First version of the default operator set with QuantizeLinear (ONNX operator changelog). */
const QUANTIZE_LINEAR = 10;

/** A layer that can be measured. */
interface Part {
  readonly layer: string;
  readonly plan: PartPlan;
}

interface LayerWork {
  readonly schemes: readonly Variant[];
  /** What its weight is repaired by. */
  readonly repair: RoundingInputs | null;
}

/**
 * Runs variants of a model in which one layer is quantized. What the weight does not reach is computed once for all variants, and what it
 * does reach is a session of its own that takes the weight as an input: no variant is written, loaded or optimized.
 */
export class VariantRuns {
  private readonly model: OpenModel;
  private readonly samples: SampleList;
  /** For weights that are repaired. */
  private kernels: Promise<RoundingKernels> | null = null;
  /** How activations are quantized, by name; null for not at all. */
  private readonly inputs: VariantModel['inputs'];

  /** @throws UserError if the model or the samples cannot be read */
  constructor(
    private readonly weightKernel: WeightKernel,
    { path, calibration, shapes, inputs }: VariantModel,
  ) {
    this.model = readModel(path);
    this.inputs = inputs;
    this.samples = calibrationSamples(calibration, path, this.model.inspection.model.inputs, shapes).all;
  }

  /**
   * Measures layers under schemes on some samples.
   * @param found gets each layer once
   * @throws UserError if the float model does not run
   */
  async measure(
    { layers, schemes, samples, repair }: VariantJob,
    pause: Pause,
    found: (differences: VariantNoise) => void,
  ): Promise<void> {
    const plans = layers.map((layer) => ({
      layer,
      plan: planPart(this.model, this.model.layers.get(layer)!.constant),
    }));
    const parts = plans.filter((each): each is Part => typeof each.plan !== 'string');
    for (const { layer, plan } of plans)
      if (typeof plan === 'string')
        found({ layer, schemes: {}, problem: `The outputs cannot be measured: ${plan}.` });
    const cut = new Set(parts.flatMap(({ plan }) => plan.cut));
    const sums = new Map<string, Record<Variant, SampleNoise[]>>();
    const problems = new Map<string, string>();
    for await (const { chunk, last } of floatReferences(this.model, cut, this.samples, samples, pause)) {
      for (const { layer, plan } of parts) {
        const sum = sums.get(layer) ?? {};
        sums.set(layer, sum);
        if (!problems.has(layer)) {
          const work = { layer, plan, schemes, repair: repair?.get(layer) ?? null };
          const problem = await this.measureLayer(work, chunk, sum, pause).catch(asProblem);
          if (problem !== null) problems.set(layer, problem);
        }
        if (last)
          found({ layer, schemes: problems.has(layer) ? {} : sum, problem: problems.get(layer) ?? null });
      }
    }
  }

  /** @returns why the layer cannot be measured; else null */
  private async measureLayer(
    { layer, plan, schemes, repair }: Part & LayerWork,
    references: readonly Reference[],
    sums: Record<Variant, SampleNoise[]>,
    pause: Pause,
  ): Promise<string | null> {
    const { values, outputs: compared } = references[0]!;
    if (compared.size === 0) return 'The outputs cannot be measured: none is a tensor of numbers.';
    const missing = plan.cut.find((name) => !values.has(name));
    if (missing !== undefined) return `The outputs cannot be measured: ${quoted(missing)} is no tensor.`;
    const passes = openWeight(this.weightKernel, weightOf(this.model, layer));
    if ('problem' in passes) return passes.problem;
    const types = new Map(plan.cut.map((name) => [name, values.get(name)!.type]));
    const quantizers = this.inputQuantizers(layer);
    // The layer's own results, which it reads where it is used several times in sequence, are no feeds.
    const cut = new Set(plan.cut);
    const inner = new Map([...(quantizers ?? [])].filter(([name]) => !cut.has(name)));
    const outer = [...(quantizers ?? [])].filter(([name]) => cut.has(name));
    const quantize = (feeds: Map<string, Tensor>) => {
      for (const [name, quantizer] of outer) feeds.set(name, quantizedTensor(feeds.get(name)!, quantizer));
    };
    const kernels = repair && (await (this.kernels ??= roundingKernels(this.weightKernel)));
    const rounding = kernels && new LayerRounding(kernels, passes, repair);
    const run = async (
      { bytes, weight }: PartModel,
      variants: readonly (Variant | null)[],
      integerKernels: boolean,
    ) => {
      const session = await RuntimeModel.load(bytes, { threads: RUN_THREADS, integerKernels });
      try {
        for (const scheme of variants) {
          const differences = (sums[scheme ?? ACTIVATIONS] ??= []);
          const tensor = this.weightTensor(layer, await this.weightValues(passes, scheme, rounding, pause));
          for (const reference of references) {
            await pause();
            const feeds = new Map(plan.cut.map((name) => [name, reference.values.get(name)!]));
            if (scheme === null) quantize(feeds);
            differences.push(noiseOf(reference, await session.run(feeds.set(weight, tensor))));
          }
        }
      } finally {
        await session.release();
      }
    };
    const part = buildPart(this.model.graph, this.model.files, plan, types);
    await run(part, quantizers && inner.size === 0 ? [...schemes, null] : schemes, true);
    if (inner.size > 0 && this.model.inspection.model.opset >= QUANTIZE_LINEAR) {
      const quantizing = buildPart(this.model.graph, this.model.files, plan, types, inner);
      // Values that are rounded inside the part are float, as feeds are.
      await run(quantizing, [null], false);
    }
    return null;
  }

  private async weightValues(
    passes: WeightPasses,
    variant: Variant | null,
    rounding: LayerRounding | null,
    pause: Pause,
  ): Promise<Float32Array> {
    if (variant === null) return floatValues(this.weightKernel, passes);
    const scheme = repairedScheme(variant);
    if (scheme === null || rounding === null)
      return quantizedValues(this.weightKernel, passes, scheme ?? variant, pause);
    return inTensorOrder((await rounding.round(scheme, pause)).values, passes.weight);
  }

  /** Quantizers of what the layer reads, by name; null if that is no activation that can be: only float32 layers compute in integers. */
  private inputQuantizers(layer: string): ReadonlyMap<string, AffineQuantizer> | null {
    const found = this.model.layers.get(layer)!;
    const read = layerInputs(this.model, found);
    if (this.inputs === null || found.summary.elementType !== 'float32' || typeof read === 'string')
      return null;
    const quantizers = read.uses.map(({ input }) => [input, this.inputs!.get(input)] as const);
    return quantizers.every((each): each is [string, AffineQuantizer] => each[1] !== undefined)
      ? new Map(quantizers)
      : null;
  }

  private weightTensor(layer: string, values: Float32Array): Tensor {
    const { constant, summary } = this.model.layers.get(layer)!;
    const type = elementTypeName(constant.tensor.dataType);
    return toTensor({ type, shape: summary.shape, data: values });
  }
}

function quantizedTensor({ data, dims }: Tensor, quantizer: AffineQuantizer): Tensor {
  const values = quantizedActivation(data as Float32Array, quantizer);
  return toTensor({ type: 'float32', shape: dims, data: values });
}

/** A fault of one layer is no reason to leave out the others. */
function asProblem(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}
