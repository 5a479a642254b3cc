import { quoted } from '../../base/quoted';
import { elementCount } from '../../onnx/file/shapes';
import { layerInputs, type LayerInputs, type LayerUse } from '../../onnx/subgraph/layerInputs';
import { convGeometry } from '../../quant/conv/ConvGeometry';
import { InputMoments } from '../../quant/moments/InputMoments';
import { convPatches, matrixPatches, type PatchSource } from '../../quant/moments/PatchSource';
import { RuntimeModel, valueOf, type Value } from '../runtime/RuntimeModel';
import { UserError } from '../../base/UserError';
import type { SampleList } from '../data/calibrationSamples';
import type { OpenModel } from '../models/OpenModels';
import { Random } from '../data/random';
import { transposedInputs } from '../../onnx/subgraph/transposedInputs';
import { withOutputs } from '../../onnx/subgraph/withOutputs';

/** Numbers kept for all layers together: 256 MB; and for one of them. */
const MAX_NUMBERS = 2 ** 25;
const MAX_OF_A_LAYER = 2 ** 20;
/** Vectors looked at in each layer and sample: neighbours in a picture say much the same. */
const MAX_POSITIONS = 64;
const SEED = 3;

/** Second moments of a layer's inputs, or why there are none, in one sentence. */
export type LayerMoments =
  { readonly inputs: LayerInputs; readonly moments: InputMoments } | { readonly problem: string };

/** Moments of all layers that can be measured, on the first `samples` samples. */
export interface Gathered {
  readonly layers: ReadonlyMap<string, LayerMoments>;
  samples: number;
}

/** Moments of no sample yet. */
export function emptyMoments(model: OpenModel): Gathered {
  const { size } = model.layers;
  const most = Math.min(MAX_OF_A_LAYER, Math.floor(MAX_NUMBERS / Math.max(1, size)));
  const layers = [...model.layers].map(
    ([name, layer]) =>
      [name, momentsOf(transposedInputs(model, layer) ?? layerInputs(model, layer), most)] as const,
  );
  return { layers: new Map(layers), samples: 0 };
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
          moments.add(source, { mostPositions: MAX_POSITIONS, random: () => random.uniform() });
        }
      gathered.samples++;
    }
  } finally {
    await runtime.release();
  }
}

function momentsOf(inputs: LayerInputs | string, most: number): LayerMoments {
  if (typeof inputs === 'string') return { problem: `Its own output error is not known: ${inputs}.` };
  try {
    return { inputs, moments: new InputMoments(inputs.inputs, inputs.groups, most) };
  } catch (error) {
    if (error instanceof UserError) return { problem: error.message };
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
