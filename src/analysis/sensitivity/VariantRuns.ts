import type { Tensor } from 'onnxruntime-node';
import { elementTypeName } from '../../onnx/elementTypes';
import { buildPart } from '../../onnx/partial/buildPart';
import { planPart, type PartPlan } from '../../onnx/partial/planPart';
import { layerInputs } from '../../onnx/partial/layerInputs';
import { embedAll } from '../../onnx/serializeModel';
import { isFound, OutputReference } from '../../quant/sensitivity/OutputReference';
import type { SampleDifference } from '../../quant/sensitivity/modelOutputError';
import { ActivationObserver } from '../../quant/activations/ActivationObserver';
import { fitActivation, quantizedActivation } from '../../quant/activations/fitActivation';
import type { AffineQuantizer } from '../../quant/Quantizer';
import type { Pause } from '../../quant/WeightSource';
import { RuntimeModel, toTensor, valueOf, type Value } from '../../runtime/RuntimeModel';
import { parseActivations, type ActivationSpec } from '../../shared/activations';
import type { SchemeId } from '../../shared/scheme';
import { ACTIVATIONS } from '../../shared/sensitivity';
import { UserError } from '../../shared/UserError';
import { calibrationSamples, type SampleList } from '../calibrationSamples';
import type { Sample } from '../observeActivations';
import { openWeight } from '../openWeight';
import type { WeightPasses } from '../WeightPasses';
import { readModel, weightOf, type OpenModel } from '../OpenModels';
import type { Workbench } from '../Workbench';
import { withOutputs } from '../../onnx/partial/withOutputs';
import { floatValues, quantizedValues } from './quantizedValues';
import type { LayerDifferences, VariantModel } from './VariantApi';

/** Bytes of values that are held at a time for all samples of a chunk. */
const MOST_HELD = 2 ** 27;
/** Threads share the processor by running one variant each. */
const RUN_THREADS = 1;

/** What the float model computes on one sample: its outputs, and what the parts behind the layers read. */
interface Reference {
  readonly values: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, OutputReference>;
  /** The sample's class; null if it has no label. */
  readonly label: number | null;
}

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
  private readonly activations: ActivationSpec | null;

  /** @throws UserError if the model or the samples cannot be read */
  constructor(
    private readonly bench: Workbench,
    { path, calibration, shapes, activations }: VariantModel,
  ) {
    this.model = readModel(path);
    embedAll(this.model, this.model.files);
    this.activations = parseActivations(activations);
    this.samples = calibrationSamples(calibration, path, this.model.inspection.model.inputs, shapes).all;
  }

  /**
   * Measures layers under schemes on some samples.
   * @param found gets each layer once; its samples in the order of `places`
   * @throws UserError if the float model does not run
   */
  async measure(
    layers: readonly string[],
    schemes: readonly SchemeId[],
    places: readonly number[],
    pause: Pause,
    found: (differences: LayerDifferences) => void,
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
    const probe = await RuntimeModel.load(withOutputs(this.model, cut), { threads: RUN_THREADS });
    try {
      await this.measureParts(probe, parts, cut, schemes, places, pause, found);
    } finally {
      await probe.release();
    }
  }

  private async measureParts(
    probe: RuntimeModel,
    parts: readonly Part[],
    cut: ReadonlySet<string>,
    schemes: readonly SchemeId[],
    places: readonly number[],
    pause: Pause,
    found: (differences: LayerDifferences) => void,
  ): Promise<void> {
    const sums = new Map<string, Record<SchemeId, SampleDifference[]>>();
    const problems = new Map<string, string>();
    for await (const references of this.chunks(probe, cut, places, pause)) {
      const isLast = references.last;
      for (const { layer, plan } of parts) {
        const sum = sums.get(layer) ?? {};
        sums.set(layer, sum);
        if (!problems.has(layer)) {
          const problem = await this.measureLayer(layer, plan, references.chunk, schemes, sum, pause).catch(
            asProblem,
          );
          if (problem !== null) problems.set(layer, problem);
        }
        if (isLast)
          found({ layer, schemes: problems.has(layer) ? {} : sum, problem: problems.get(layer) ?? null });
      }
    }
  }

  /** The float model's values on the samples, in chunks that fit in memory. */
  private async *chunks(
    probe: RuntimeModel,
    cut: ReadonlySet<string>,
    places: readonly number[],
    pause: Pause,
  ): AsyncGenerator<{ chunk: readonly Reference[]; last: boolean }> {
    let chunk: Reference[] = [];
    let held = 0;
    let done = 0;
    for (const sample of this.samples.read(places)) {
      await pause();
      const label = this.samples.labels?.[places[done]!] ?? null;
      const reference = { ...(await referenceOf(probe, sample, cut, this.model)), label };
      chunk.push(reference);
      for (const tensor of reference.values.values()) held += byteLength(tensor);
      const last = ++done === places.length;
      if (!last && held < MOST_HELD) continue;
      yield { chunk, last };
      chunk = [];
      held = 0;
    }
  }

  /** @returns why the layer cannot be measured; else null */
  private async measureLayer(
    layer: string,
    plan: PartPlan,
    references: readonly Reference[],
    schemes: readonly SchemeId[],
    sums: Record<SchemeId, SampleDifference[]>,
    pause: Pause,
  ): Promise<string | null> {
    const { values } = references[0]!;
    const missing = plan.cut.find((name) => !values.has(name));
    if (missing !== undefined) return `The outputs cannot be measured: "${missing}" is no tensor.`;
    const passes = openWeight(this.bench, weightOf(this.model, layer));
    if ('problem' in passes) return passes.problem;
    const types = new Map(plan.cut.map((name) => [name, values.get(name)!.type]));
    const part = buildPart(this.model, plan, types);
    const session = await RuntimeModel.load(part.bytes, { threads: RUN_THREADS });
    const quantizeInputs = this.inputQuantizer(layer, references);
    try {
      for (const scheme of quantizeInputs ? [...schemes, null] : schemes) {
        const differences = (sums[scheme ?? ACTIVATIONS] ??= []);
        const weight = this.weightTensor(layer, await this.weightValues(passes, scheme, pause));
        for (const reference of references) {
          await pause();
          const feeds = new Map(plan.cut.map((name) => [name, reference.values.get(name)!]));
          if (scheme === null) quantizeInputs?.(feeds);
          const outputs = await session.run(feeds.set(part.weight, weight));
          differences.push(differenceOf(reference, outputs));
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

  /** Quantizes what the layer reads, in place of a map of feeds, with ranges of these samples; null if that is no float32 activation. */
  private inputQuantizer(
    layer: string,
    references: readonly Reference[],
  ): ((feeds: Map<string, Tensor>) => void) | null {
    const inputs = layerInputs(this.model, this.model.layers.get(layer)!);
    if (this.activations === null || typeof inputs === 'string') return null;
    const spec = this.activations;
    const quantizers = new Map<string, AffineQuantizer>();
    for (const { input } of inputs.uses) {
      const observer = new ActivationObserver();
      for (const { values } of references) {
        const tensor = values.get(input);
        if (tensor?.type !== 'float32') return null;
        observer.add(tensor.data as Float32Array);
      }
      if (observer.count === 0) return null;
      quantizers.set(input, fitActivation(spec, observer));
    }
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

async function referenceOf(
  probe: RuntimeModel,
  sample: Sample,
  cut: ReadonlySet<string>,
  { model }: OpenModel,
): Promise<Omit<Reference, 'label'>> {
  const results = await probe.runTensors(sample);
  const values = new Map([...sample, ...results].filter(([name]) => cut.has(name)));
  const outputs = model.graph.output.flatMap(({ name }) => {
    const tensor = results.get(name);
    return tensor ? [[name, new OutputReference(valueOf(tensor))] as const] : [];
  });
  return { values, outputs: new Map(outputs) };
}

/** Of an output that the weight does not reach, none: it is as it was. */
function differenceOf(
  { outputs: expected, label }: Reference,
  actual: ReadonlyMap<string, Value>,
): SampleDifference {
  const outputs = [...expected].map(([name, reference]) => {
    const got = actual.get(name);
    if (!got) return reference.difference(reference.data);
    if (got.data.length !== reference.data.length)
      throw new UserError(`The output "${name}" has another size when a layer is quantized.`);
    return reference.difference(got.data);
  });
  return { outputs, correct: label === null ? null : isFound(label, outputs) };
}

/** What is wrong with one layer is no reason to leave out the others. */
function asProblem(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}

function byteLength({ data }: Tensor): number {
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}
