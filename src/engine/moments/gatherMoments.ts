import { quoted } from '../../base/quoted';
import { elementCount } from '../../onnx/file/shapes';
import type { LayerInputs, LayerUse } from '../../onnx/subgraph/layerInputs';
import { convGeometry } from '../../quant/conv/ConvGeometry';
import { InputMoments } from '../../quant/moments/InputMoments';
import { convPatches, matrixPatches, type PatchSource } from '../../quant/moments/PatchSource';
import { RuntimeModel, valueOf, type Value } from '../runtime/RuntimeModel';
import { UserError } from '../../base/UserError';
import type { SampleList } from '../data/calibrationSamples';
import type { OpenModel } from '../models/OpenModels';
import { Random } from '../data/random';
import { factorInputs } from './factorInputs';
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

/** Moments of no sample yet. @param names of layers */
export function emptyMoments(
  model: OpenModel,
  names: readonly string[],
  { numbers, positions }: MomentsLimits,
): Gathered {
  const layers = names.map(
    (name) => [name, momentsOf(factorInputs(model, model.layers.get(name)!), numbers)] as const,
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
  const tensors = measured.flatMap(({ inputs }) => inputs.uses.map(({ input }) => input));
  const runtime = await RuntimeModel.load(withOutputs(model.graph, model.files, tensors));
  try {
    for (const sample of samples.read(missing)) {
      await step(gathered.samples);
      const values = new Map([...sample, ...(await runtime.runTensors(sample))]);
      // Of its own for each sample, so that it does not matter where a run began.
      const random = new Random(SEED + sampleIndices[gathered.samples]!);
      for (const { inputs, moments } of measured)
        for (const use of inputs.uses) {
          const tensor = values.get(use.input);
          if (!tensor) throw new UserError(`The activation ${quoted(use.input)} is no tensor.`);
          const source = patchesOf(use, inputs, valueOf(tensor));
          moments.add(source, { mostPositions: gathered.positions, random: () => random.uniform() });
        }
      gathered.samples++;
    }
  } finally {
    await runtime.release();
  }
}

function momentsOf(inputs: LayerInputs | string, most: number): LayerMoments {
  if (typeof inputs === 'string') return { reason: inputs };
  try {
    return { inputs, moments: new InputMoments(inputs.inputs, inputs.groups, most) };
  } catch (error) {
    if (error instanceof UserError) return { reason: error.message.replace(/\.$/, '') };
    throw error;
  }
}

function patchesOf({ vectors }: LayerUse, { inputs }: LayerInputs, { shape, data }: Value): PatchSource {
  const values = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>);
  if (vectors.kind === 'patches')
    return convPatches(convGeometry(shape, vectors.weight, vectors.attributes), values);
  if (vectors.kind === 'rows') return matrixPatches(values, inputs);
  const columns = vectors.kind === 'columns' ? (shape.at(-1) ?? 1) : elementCount(shape.slice(2));
  return matrixPatches(values, inputs, columns);
}
