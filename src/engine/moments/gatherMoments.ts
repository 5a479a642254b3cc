import { TensorProto_DataType as DataType } from 'onnx-buf';
import { quoted } from '../../base/quoted';
import type { Scope } from '../../onnx/graph/Scope';
import { exposeValues } from '../../onnx/subgraph/exposeValues';
import type { LayerInputs, LayerUse } from '../../onnx/subgraph/layerInputs';
import { InputMoments } from '../../quant/moments/InputMoments';
import type { MakeProducts } from '../../quant/moments/Products';
import { RuntimeModel, valueOf } from '../runtime/RuntimeModel';
import { UserError } from '../../base/UserError';
import type { SampleList } from '../data/calibrationSamples';
import type { OpenModel } from '../models/OpenModels';
import { Random } from '../data/random';
import { layerVectors, valuesOf } from './layerVectors';
import { factorInputs } from '../../onnx/subgraph/factorInputs';
import type { LoadKernel } from '../weights/WeightKernel';
import { MomentsKernel } from './MomentsKernel';
import { withOutputs } from '../../onnx/subgraph/withOutputs';

const SEED = 3;

/** How much is gathered of a layer. */
export interface MomentsLimits {
  /** Numbers that are kept. */
  readonly numbers: number;
  /** Vectors that are looked at in each sample: neighbours in a picture say much the same. */
  readonly positions: number;
}

/** Second moments of a layer's inputs, or why there are none, as the end of a sentence. */
export type LayerMoments =
  { readonly inputs: LayerInputs; readonly moments: InputMoments } | { readonly reason: string };

/** Moments of all layers that can be measured, on the first `samples` samples. */
export interface Gathered {
  readonly layers: ReadonlyMap<string, LayerMoments>;
  readonly positions: number;
  samples: number;
}

/** Moments of no sample yet, in a memory of their own. @param names of layers */
export async function emptyMoments(
  loadKernel: LoadKernel,
  model: OpenModel,
  names: readonly string[],
  { numbers, positions }: MomentsLimits,
): Promise<Gathered> {
  const kernel = await MomentsKernel.create(loadKernel);
  const make: MakeProducts = (shape) => kernel.products(shape);
  const layers = names.map(
    (name) => [name, momentsOf(factorInputs(model, model.layers.get(name)!), numbers, make)] as const,
  );
  return { layers: new Map(layers), positions, samples: 0 };
}

/**
 * Runs the float model on the samples that are missing, one at a time, and gathers the second moments of all layers' inputs; none of the
 * inputs is kept. Stopped and called again, it ends with the very same numbers.
 * @param gathered is added to
 * @param step called before each sample with how many are done; may throw to stop, after which `gathered` is whole
 * @throws UserError if the model does not run on a sample; then `gathered` is invalid
 */
export async function gatherMoments(
  model: OpenModel,
  samples: SampleList,
  sampleIndices: readonly number[],
  gathered: Gathered,
  step: (done: number) => Promise<void>,
): Promise<void> {
  const missing = sampleIndices.slice(gathered.samples);
  if (missing.length === 0) return;
  const measured = [...gathered.layers.values()].flatMap((each) => ('moments' in each ? [each] : []));
  const { graph, nameOf } = observable(
    model,
    measured.flatMap(({ inputs }) => inputs.uses),
  );
  const names = measured.flatMap(({ inputs }) =>
    inputs.uses.flatMap((use) => valuesOf(use).map((value) => nameOf(use, value))),
  );
  const runtime = await RuntimeModel.load(withOutputs(graph, model.files, names));
  try {
    for (const sample of samples.read(missing)) {
      await step(gathered.samples);
      const values = new Map([...sample, ...(await runtime.runTensors(sample))]);
      // Of its own for each sample, so that it does not matter where a run began.
      const random = new Random(SEED + sampleIndices[gathered.samples]!);
      for (const { inputs, moments } of measured)
        for (const use of inputs.uses) {
          const [read, ...others] = valuesOf(use).map((value) => {
            const tensor = values.get(nameOf(use, value));
            if (!tensor) throw new UserError(`The activation ${quoted(value)} is no tensor.`);
            return valueOf(tensor);
          });
          // Nothing flows where an If takes another branch.
          if (read!.data.length === 0) continue;
          const source = layerVectors(use, inputs, [read!, ...others]);
          moments.add(source, { mostPositions: gathered.positions, random: () => random.uniform() });
        }
      gathered.samples++;
    }
  } finally {
    await runtime.release();
  }
}

function momentsOf(inputs: LayerInputs | string, most: number, make: MakeProducts): LayerMoments {
  if (typeof inputs === 'string') return { reason: inputs };
  try {
    return { inputs, moments: new InputMoments(inputs.inputs, inputs.groups, most, make) };
  } catch (error) {
    if (error instanceof UserError) return { reason: error.message.replace(/\.$/, '') };
    throw error;
  }
}

/** The graph with values of inner graphs visible in its main graph, and under which name. */
function observable(model: OpenModel, uses: readonly LayerUse[]) {
  const inner = uses.flatMap((use) => {
    const { scope } = use;
    return scope ? valuesOf(use).map((name) => ({ name, scope, elemType: DataType.FLOAT })) : [];
  });
  const { graph, names } = exposeValues(model.graph, inner);
  const exposed = new Map<Scope, Map<string, string>>();
  inner.forEach(({ name, scope }, i) =>
    exposed.set(scope, (exposed.get(scope) ?? new Map<string, string>()).set(name, names[i]!)),
  );
  const nameOf = ({ scope }: LayerUse, name: string) => (scope && exposed.get(scope)?.get(name)) ?? name;
  return { graph, nameOf };
}
