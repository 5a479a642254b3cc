import type { Tensor } from 'onnxruntime-node';
import { elementTypeName } from '../../onnx/file/elementTypes';
import { buildPart } from '../../onnx/subgraph/buildPart';
import { planPart, type PartPlan } from '../../onnx/subgraph/planPart';
import { layerInputs } from '../../onnx/subgraph/layerInputs';
import type { SampleNoise } from '../../quant/sensitivity/modelOutputError';
import { quantizedActivation } from '../../quant/activations/fitActivation';
import type { AffineQuantizer } from '../../quant/Quantizer';
import { RuntimeModel, toTensor } from '../runtime/RuntimeModel';
import type { SchemeId } from '../../core/scheme/scheme';
import { ACTIVATIONS } from '../../core/measure/Measurement';
import { UserError } from '../../base/UserError';
import { calibrationSamples, type SampleList } from '../data/calibrationSamples';
import { openWeight } from '../weights/openWeight';
import type { WeightPasses } from '../weights/WeightPasses';
import { readModel, weightOf, type OpenModel } from '../models/OpenModels';
import type { WeightKernel } from '../weights/WeightKernel';
import { noiseOf, floatReferences, RUN_THREADS, type Reference } from './floatReferences';
import { floatValues, quantizedValues } from '../weights/quantizedValues';
import type { VariantNoise, VariantJob, VariantModel } from './VariantApi';
import type { Pause } from '../../base/pauses';

/** A layer that can be measured. */
interface Part {
  readonly layer: string;
  readonly plan: PartPlan;
}

/**
 * Runs variants of a model in which one layer is quantized. What the weight does not reach is computed once for all variants, and what it
 * does reach is a session of its own that takes the weight as an input: no variant is written, loaded or optimized.
 */
export class VariantRuns {
  private readonly model: OpenModel;
  private readonly samples: SampleList;
  /** How activations are quantized, by name; null for not at all. */
  private readonly inputs: VariantModel['inputs'];

  /** @throws UserError if the model or the samples cannot be read */
  constructor(
    private readonly bench: WeightKernel,
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
    { layers, schemes, samples }: VariantJob,
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
    const sums = new Map<string, Record<SchemeId, SampleNoise[]>>();
    const problems = new Map<string, string>();
    for await (const { chunk, last } of floatReferences(this.model, cut, this.samples, samples, pause)) {
      for (const { layer, plan } of parts) {
        const sum = sums.get(layer) ?? {};
        sums.set(layer, sum);
        if (!problems.has(layer)) {
          const problem = await this.measureLayer(layer, plan, chunk, schemes, sum, pause).catch(asProblem);
          if (problem !== null) problems.set(layer, problem);
        }
        if (last)
          found({ layer, schemes: problems.has(layer) ? {} : sum, problem: problems.get(layer) ?? null });
      }
    }
  }

  /** @returns why the layer cannot be measured; else null */
  private async measureLayer(
    layer: string,
    plan: PartPlan,
    references: readonly Reference[],
    schemes: readonly SchemeId[],
    sums: Record<SchemeId, SampleNoise[]>,
    pause: Pause,
  ): Promise<string | null> {
    const { values, outputs: compared } = references[0]!;
    if (compared.size === 0) return 'The outputs cannot be measured: none is a tensor of numbers.';
    const missing = plan.cut.find((name) => !values.has(name));
    if (missing !== undefined) return `The outputs cannot be measured: "${missing}" is no tensor.`;
    const passes = openWeight(this.bench, weightOf(this.model, layer));
    if ('problem' in passes) return passes.problem;
    const types = new Map(plan.cut.map((name) => [name, values.get(name)!.type]));
    const part = buildPart(this.model.graph, this.model.files, plan, types);
    const session = await RuntimeModel.load(part.bytes, { threads: RUN_THREADS });
    const quantizeInputs = this.inputQuantizer(layer);
    try {
      for (const scheme of quantizeInputs ? [...schemes, null] : schemes) {
        const differences = (sums[scheme ?? ACTIVATIONS] ??= []);
        const weight = this.weightTensor(layer, await this.weightValues(passes, scheme, pause));
        for (const reference of references) {
          await pause();
          const feeds = new Map(plan.cut.map((name) => [name, reference.values.get(name)!]));
          if (scheme === null) quantizeInputs?.(feeds);
          const outputs = await session.run(feeds.set(part.weight, weight));
          differences.push(noiseOf(reference, outputs));
        }
      }
    } finally {
      await session.release();
    }
    return null;
  }

  private weightValues(passes: WeightPasses, scheme: SchemeId | null, pause: Pause): Promise<Float32Array> {
    return scheme === null
      ? Promise.resolve(floatValues(this.bench, passes))
      : quantizedValues(this.bench, passes, scheme, pause);
  }

  /** Quantizes what the layer reads, in place of a map of feeds; null if that is no activation that can be: only float32 layers compute in integers. */
  private inputQuantizer(layer: string): ((feeds: Map<string, Tensor>) => void) | null {
    const found = this.model.layers.get(layer)!;
    const read = layerInputs(this.model, found);
    if (this.inputs === null || found.summary.elementType !== 'float32' || typeof read === 'string')
      return null;
    const quantizers = read.uses.map(({ input }) => [input, this.inputs!.get(input)] as const);
    if (!quantizers.every((each): each is [string, AffineQuantizer] => each[1] !== undefined)) return null;
    return (feeds) => {
      for (const [name, quantizer] of quantizers) {
        const tensor = feeds.get(name)!;
        const data = quantizedActivation(tensor.data as Float32Array, quantizer);
        feeds.set(name, toTensor({ type: 'float32', shape: tensor.dims, data }));
      }
    };
  }

  private weightTensor(layer: string, values: Float32Array): Tensor {
    const { constant, summary } = this.model.layers.get(layer)!;
    const type = elementTypeName(constant.tensor.dataType);
    return toTensor({ type, shape: summary.shape, data: values });
  }
}

/** What is wrong with one layer is no reason to leave out the others. */
function asProblem(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}
